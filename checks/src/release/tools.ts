import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../../scripts/servers/cache-folder.ts'
import { run } from './run.ts'

/** What the release test needs and nobody else does; fetched once into the cache, pinned here. */
const REGISTRY_SERVER = '@pnpm/pnpr@0.1.0-alpha.8'
const NODE_VERSIONS = ['22.23.3', '24.21.0', '26.10.0']
const TYPESCRIPT_VERSIONS = ['5.9.3', '6.0.3', '7.0.2']

/** A program in a version, by its path. */
export interface Tool {
  version: string
  path: string
}

/** The tools, by what they are for. */
export interface Tools {
  registryServer: string
  nodes: Tool[]
  typescripts: Tool[]
}

/** Fetches what is missing from the cache. */
export async function fetchTools(signal?: AbortSignal): Promise<Tools> {
  const fetch = (name: string, command: string, versions: readonly string[]) =>
    Promise.all(
      versions.map(async (version) => ({
        version,
        path: await fetchTool(`${name}@${version}`, command, signal),
      })),
    )
  return {
    registryServer: await fetchTool(REGISTRY_SERVER, 'pnpr', signal),
    nodes: await fetch('node', 'node', NODE_VERSIONS),
    typescripts: await fetch('typescript', 'tsc', TYPESCRIPT_VERSIONS),
  }
}

/** Installs beside the place and moves there, so that an interrupted download leaves no half tool. */
async function fetchTool(spec: string, command: string, signal?: AbortSignal): Promise<string> {
  if (spec === `node@${process.versions.node}`) return process.execPath
  const tools = join(cacheFolder(), 'tools')
  const folder = join(tools, spec.replaceAll('/', '-'))
  const path = join(folder, 'node_modules', '.bin', command)
  if (await exists(path)) return path
  await mkdir(tools, { recursive: true })
  const incomplete = await mkdtemp(join(tools, 'incomplete-'))
  try {
    await writeFile(join(incomplete, 'package.json'), '{ "private": true }')
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts=false']
    await run('npm', ['install', ...flags, spec], { cwd: incomplete, ...(signal && { signal }) })
    await rm(folder, { recursive: true, force: true })
    await rename(incomplete, folder)
  } finally {
    await rm(incomplete, { recursive: true, force: true })
  }
  return path
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
