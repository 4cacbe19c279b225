import { execFile } from 'node:child_process'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../../../scripts/servers/cache-folder.ts'

const run = promisify(execFile)

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
export async function fetchTools(): Promise<Tools> {
  const registryServer = await fetchTool(REGISTRY_SERVER, 'pnpr')
  const nodes: Tool[] = []
  for (const version of NODE_VERSIONS) {
    nodes.push({ version, path: await fetchTool(`node@${version}`, 'node') })
  }
  const typescripts: Tool[] = []
  for (const version of TYPESCRIPT_VERSIONS) {
    typescripts.push({ version, path: await fetchTool(`typescript@${version}`, 'tsc') })
  }
  return { registryServer, nodes, typescripts }
}

async function fetchTool(spec: string, command: string): Promise<string> {
  const folder = join(cacheFolder(), 'tools', spec.replaceAll('/', '-'))
  const path = join(folder, 'node_modules', '.bin', command)
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) return path
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', spec], { cwd: folder })
  return path
}
