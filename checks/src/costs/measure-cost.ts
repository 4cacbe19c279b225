import { copyFile, glob, mkdtemp, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../release/run.ts'
import type { WorkspacePackage } from '../workspace.ts'

const IMPORT_ROUNDS = 7
const PROGRAM_TIMEOUT_MS = 60_000

/** What a package costs whoever installs it alone, optional peers apart. */
export interface Cost {
  name: string
  tarballKiB: number
  /** Everything in `node_modules`. */
  installKiB: number
  /** Everything in `node_modules`, itself included. */
  packages: number
  /** Importing `.` in a fresh process, over importing an empty module. */
  importMs: number
  /** Optional peers that some door asked for. */
  peers: string[]
}

/** Packs the packages as they are published; the tarball of each by its name. */
export async function packAll(
  packages: readonly WorkspacePackage[],
  folder: string,
): Promise<Map<string, string>> {
  const tarballs = new Map<string, string>()
  for (const { name, folder: cwd } of packages) {
    const path = join(folder, `${name.replace('/', '-').slice(1)}.tgz`)
    await run('pnpm', ['pack', '--out', path], { cwd })
    tarballs.set(name, path)
  }
  return tarballs
}

/**
 * Installs one package into an empty folder as a user would, loads every door with `import` and `require`,
 * runs its quick start and the `--help` of its commands, and measures.
 */
export async function measureCost(
  subject: WorkspacePackage,
  tarballs: Map<string, string>,
  folder: string,
): Promise<Cost> {
  const cwd = await mkdtemp(join(folder, 'consumer-'))
  await writeFile(join(cwd, 'package.json'), '{ "private": true, "type": "module" }')
  const ours = Object.keys(subject.manifest.dependencies ?? {}).filter((name) => tarballs.has(name))
  const own = [subject.name, ...ours].map((name) => tarballs.get(name) as string)
  await install(cwd, own)
  const size = await sizeOf(join(cwd, 'node_modules'))
  const peers = new Set<string>()
  for (const door of subject.doors) await importDoor(subject, door.name, cwd, peers)
  await runQuickStart(subject, cwd)
  await runCommands(subject, cwd)
  return {
    name: subject.name,
    tarballKiB: (await stat(own[0] as string)).size / 1024,
    ...size,
    importMs: await importTime(subject.name, cwd),
    peers: [...peers],
  }
}

async function install(cwd: string, what: readonly string[]): Promise<void> {
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--omit=peer']
  await run('npm', ['install', ...flags, ...what], { cwd })
}

async function importDoor(
  subject: WorkspacePackage,
  door: string,
  cwd: string,
  installed: Set<string>,
): Promise<void> {
  const specifier = subject.name + door.slice(1)
  const attempts = [`await import('${specifier}')`, `require('${specifier}')`]
  for (const code of attempts) {
    const type = code.startsWith('await') ? 'module' : 'commonjs'
    const evaluate = () => execute(cwd, `--input-type=${type}`, '--eval', code)
    await evaluate().catch(async (error: Error) => {
      const peers = Object.keys(subject.manifest.peerDependencies ?? {})
      const missing = peers.filter(
        (peer) => error.message.includes(`'${peer}`) && !installed.has(peer),
      )
      if (missing.length === 0) throw error
      await install(
        cwd,
        missing.map((peer) => `${peer}@${installable(subject, peer)}`),
      )
      for (const peer of missing) installed.add(peer)
      await importDoor(subject, door, cwd, installed)
    })
  }
}

/** The range of a peer as the published manifest has it: `catalog:` and `workspace:` do not leave the repository. */
function installable(subject: WorkspacePackage, peer: string): string {
  const range = subject.manifest.peerDependencies?.[peer] ?? '*'
  return range.includes(':') ? 'latest' : range
}

async function runQuickStart(subject: WorkspacePackage, cwd: string): Promise<void> {
  await copyFile(join(subject.folder, 'examples', 'quick-start.ts'), join(cwd, 'quick-start.ts'))
  await execute(cwd, 'quick-start.ts')
}

async function runCommands(subject: WorkspacePackage, cwd: string): Promise<void> {
  for (const command of Object.keys(subject.manifest.bin ?? {})) {
    await execute(cwd, join('node_modules', '.bin', command), '--help')
  }
}

function execute(cwd: string, ...args: string[]): Promise<string> {
  return run(process.execPath, args, { cwd, timeoutMs: PROGRAM_TIMEOUT_MS })
}

/** The median of differences, each between two processes that run one after the other. */
async function importTime(name: string, cwd: string): Promise<number> {
  await writeFile(join(cwd, 'empty.js'), '')
  const differences: number[] = []
  for (let round = 0; round < IMPORT_ROUNDS; round += 1) {
    differences.push((await timeOf(name, cwd)) - (await timeOf('./empty.js', cwd)))
  }
  return differences.sort((a, b) => a - b)[Math.floor(IMPORT_ROUNDS / 2)] as number
}

async function timeOf(specifier: string, cwd: string): Promise<number> {
  const code = `const begin = performance.now(); await import('${specifier}'); console.log(performance.now() - begin)`
  await writeFile(join(cwd, 'time.js'), code)
  return Number(await execute(cwd, 'time.js'))
}

async function sizeOf(modules: string): Promise<{ installKiB: number; packages: number }> {
  let bytes = 0
  let packages = 0
  for await (const entry of glob('**/*', { cwd: modules, withFileTypes: true })) {
    if (!entry.isFile()) continue
    bytes += (await stat(join(entry.parentPath, entry.name))).size
    if (entry.name === 'package.json' && /node_modules\/(@[^/]+\/)?[^/]+$/.test(entry.parentPath)) {
      packages += 1
    }
  }
  return { installKiB: bytes / 1024, packages }
}
