import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { benchRatios, type Measure } from '../../../scripts/bench/ratios.ts'
import { startFileServer } from './file-server.ts'

// `--mib 256` size of the file, `--folders /tmp,/dev/shm` where it goes, `--large` also 2 GiB, `--cpu` processor time
// instead of time: on a busy machine it says more.
const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '256' },
    folders: { type: 'string', default: `${tmpdir()},/dev/shm` },
    large: { type: 'boolean', default: false },
    cpu: { type: 'boolean', default: false },
  },
  strict: false,
})
const mebibyte = 1024 * 1024
const size = Number(values.mib) * mebibyte
const [disk = tmpdir(), ...memory] = String(values.folders).split(',')
const execute = promisify(execFile)

const largeSize = 2048 * mebibyte
const smallSize = 64 * 1024
await using server = await startFileServer([size, smallSize, ...(values.large ? [largeSize] : [])])
const { origins } = server
type Scheme = keyof typeof origins

interface Sample {
  ms: number
  cpuMs: number
  peakBytes: number
}

async function inFolder<T>(parent: string, work: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(parent, 'mortise-bench-'))
  try {
    return await work(join(folder, 'file'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** One run of a Node client in a process of its own. */
function node(client: string, scheme: Scheme, bytes = size, parent = disk): Promise<Sample> {
  return inFolder(parent, async (path) => {
    const script = new URL('client.mjs', import.meta.url).pathname
    const args = [client, `${origins[scheme]}/${bytes}`, path, `${path}.json`]
    await execute(process.execPath, ['--no-warnings', script, ...args])
    return JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Sample
  })
}

/** One run of a command, its start included, which takes a few milliseconds. */
function command(name: string, args: (path: string) => string[], parent = disk): Promise<number> {
  return inFolder(parent, async (path) => {
    const timed = ['-c', 'TIMEFORMAT=\'%R %U %S\'; time "$@"', 'bash', name, ...args(path)]
    const { stderr } = await execute('bash', timed)
    const times = stderr.trim().split('\n').at(-1) ?? ''
    const [real = 0, user = 0, system = 0] = times.split(' ').map(Number)
    return (values.cpu ? user + system : real) * 1000
  })
}

const curl = (scheme: Scheme, bytes = size, parent = disk): Promise<number> =>
  command('curl', (path) => ['-sfk', '-o', path, `${origins[scheme]}/${bytes}`], parent)
const wget = (scheme: Scheme): Promise<number> =>
  command('wget', (path) => [
    '-q',
    '--no-check-certificate',
    '-O',
    path,
    `${origins[scheme]}/${size}`,
  ])

/** 500 small files, at most 50 at a time. */
function curlMany(parent: string): Promise<number> {
  const args = (path: string): string[] => {
    const url = `url = "${origins.http}/${smallSize}"`
    const config = Array.from({ length: 500 }, (_, index) => `${url}\noutput = "${path}.${index}"`)
    writeFileSync(`${path}.config`, config.join('\n'))
    return ['-sfZ', '--parallel-max', '50', '-K', `${path}.config`]
  }
  return command('curl', args, parent)
}

const ms = (sample: Promise<Sample>): Promise<number> =>
  sample.then((one) => (values.cpu ? one.cpuMs : one.ms))

function hashing(): number {
  const block = Buffer.alloc(mebibyte)
  const startedAt = performance.now()
  const hash = createHash('sha256')
  for (let bytes = 0; bytes < size; bytes += block.length) hash.update(block)
  hash.digest()
  return performance.now() - startedAt
}

const label = `${values.mib} MiB`
/** Goals as ours/theirs: "2.3 times as fast" is 1 / 2.3. */
const against: [client: string, goal: number][] = [
  ['undici.request', 1 / 2],
  ['fetch', 1 / 2],
  ['axios', 1 / 2.3],
  ['got', 1 / 2.3],
  ['axios with onData', 1 / 2.3],
]
const measures: Measure[] = []
function add(
  name: string,
  goal: number,
  ours: () => Promise<number>,
  theirs: Measure['theirs'],
): void {
  measures.push({ name, goal, better: 'lower', ours, theirs })
}
function addMemory(name: string, scheme: Scheme, bytes: number): void {
  const ours = async (): Promise<number> => (await node('ours', scheme, bytes)).peakBytes
  add(`${name} ${scheme}, peak memory: 130 MiB`, 1, ours, () => 130 * mebibyte)
}
for (const [scheme, goal] of [
  ['http', 1.2],
  ['https', 1.25],
] as const) {
  const ours = (parent?: string): Promise<number> => ms(node('ours', scheme, size, parent))
  add(`${label} ${scheme}, disk: curl`, goal, ours, () => curl(scheme))
  for (const parent of memory) {
    add(
      `${label} ${scheme}, ${parent}: curl`,
      goal,
      () => ours(parent),
      () => curl(scheme, size, parent),
    )
  }
  add(`${label} ${scheme}, disk: wget`, 1, ours, () => wget(scheme))
  for (const [client, wanted] of against) {
    add(`${label} ${scheme}, disk: ${client}`, wanted, ours, () => ms(node(client, scheme)))
  }
}
add(
  `${label} with onData: without`,
  1.25,
  () => ms(node('ours with onData', 'http')),
  () => ms(node('ours', 'http')),
)
add(
  `${label} with lent onData: without`,
  1.25,
  () => ms(node('ours with lent onData', 'http')),
  () => ms(node('ours', 'http')),
)
add(
  `${label} with sha256: without, plus hashing`,
  1,
  () => ms(node('ours with sha256', 'http')),
  async () => (await ms(node('ours', 'http'))) + hashing(),
)
for (const scheme of ['http', 'https'] as const) addMemory(label, scheme, size)
for (const parent of [disk, ...memory]) {
  const name = `500 x 64 KiB, ${parent === disk ? 'disk' : parent}`
  const many = (client: string) => () => ms(node(`${client}, 500 files`, 'http', smallSize, parent))
  add(`${name}: curl -Z`, 1.5, many('ours'), () => curlMany(parent))
  add(`${name}: undici.request`, 1, many('ours'), many('undici.request'))
}
if (values.large) {
  const goals = { http: 0.9, https: 1.1 }
  for (const scheme of ['http', 'https'] as const) {
    add(
      `2 GiB ${scheme}, disk: curl`,
      goals[scheme],
      () => ms(node('ours', scheme, largeSize)),
      () => curl(scheme, largeSize),
    )
    addMemory('2 GiB', scheme, largeSize)
  }
}
console.error(`served by ${server.name}`)
await benchRatios({ package: 'files-local', rounds: 5, measures })
