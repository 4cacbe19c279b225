/**
 * Packs every package, installs each alone into an empty folder as a user would, imports every door with
 * `import` and `require`, runs the quick start and each command's `--help`, and prints what it costs
 * against the budget in one table. Optional peers are installed only for the doors that ask for one.
 */
import { execFile } from 'node:child_process'
import { copyFile, glob, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, styleText } from 'node:util'
import { budgets } from './budgets.ts'
import { readWorkspace, type WorkspacePackage } from './workspace.ts'

const run = promisify(execFile)
const IMPORT_ROUNDS = 7
const RUN_TIMEOUT_MS = 60_000

interface Cost {
  name: string
  tarballKiB: number
  installKiB: number
  packages: number
  importMs: number
  peers: string[]
}

const workspace = readWorkspace(fileURLToPath(new URL('../..', import.meta.url)))
const published = workspace.packages.filter(({ manifest }) => !manifest.private)
const folder = await mkdtemp(join(tmpdir(), 'mortise-install-'))
try {
  const tarballs = await packAll()
  const costs: Cost[] = []
  for (const subject of published) costs.push(await installAlone(subject, tarballs))
  if (!printTable(costs)) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function packAll(): Promise<Map<string, string>> {
  const tarballs = new Map<string, string>()
  for (const { name, folder: cwd } of published) {
    const path = join(folder, `${name.replace('/', '-').slice(1)}.tgz`)
    await run('pnpm', ['pack', '--out', path], { cwd })
    tarballs.set(name, path)
  }
  return tarballs
}

async function installAlone(
  subject: WorkspacePackage,
  tarballs: Map<string, string>,
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
    const evaluate = () => run(process.execPath, [`--input-type=${type}`, '--eval', code], { cwd })
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
  await run(process.execPath, ['quick-start.ts'], { cwd, timeout: RUN_TIMEOUT_MS })
}

async function runCommands(subject: WorkspacePackage, cwd: string): Promise<void> {
  for (const command of Object.keys(subject.manifest.bin ?? {})) {
    await run(process.execPath, [join(cwd, 'node_modules', '.bin', command), '--help'], {
      cwd,
      timeout: RUN_TIMEOUT_MS,
    })
  }
}

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
  const { stdout } = await run(process.execPath, ['time.js'], { cwd })
  return Number(stdout)
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

/** Prints the table; false when an install is over its budget. Times are shown, never judged. */
function printTable(costs: readonly Cost[]): boolean {
  const head = ['package', 'tarball', 'installed', 'budget', 'packages', 'import', 'budget']
  const rows = costs.map((cost) => {
    const budget = budgets[cost.name]
    if (!budget) throw new Error(`${cost.name} has no budget in checks/src/budgets.ts`)
    const over = cost.installKiB > budget.installKiB
    const slow = cost.importMs > budget.importMs
    const cells = [
      cost.name,
      `${cost.tarballKiB.toFixed(0)} KiB`,
      `${cost.installKiB.toFixed(0)} KiB`,
      `${budget.installKiB} KiB`,
      String(cost.packages),
      `${cost.importMs.toFixed(1)} ms`,
      `${budget.importMs} ms`,
    ]
    return { cells, over, slow, peers: cost.peers }
  })
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map(({ cells }) => (cells[column] as string).length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
  console.log(line(head))
  for (const { cells, over, slow, peers } of rows) {
    const marks = [over && styleText('red', 'too large'), slow && styleText('yellow', 'slow here')]
    const asked = peers.length > 0 && `some doors ask for ${peers.join(', ')}`
    console.log([line(cells), ...marks, asked].filter(Boolean).join('  '))
  }
  return !rows.some(({ over }) => over)
}
