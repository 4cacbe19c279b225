// `pnpm --filter docs figures [name …]`: runs benches and soaks and keeps what they print as figures/*.json, from which
// the pages are made. One that fails leaves its old figures as they are, and the others go on.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chooseRuns, type FigureRun, figureRuns } from './figure-runs.ts'
import { lastJson } from './last-json.ts'
import { publishedPackages, ROOT } from './published-packages.ts'

const USAGE = `Usage: pnpm --filter docs figures [--quick] [--rounds N] [--limit S] [--list] [name …]

Measures and writes docs/figures/<name>.json. Names: a package (errors), demo, or one run (bench-errors,
soak-segments-uploader-direct). Without a name everything is measured.

  --quick      3 rounds and small soaks
  --rounds N   rounds of each bench; without it each bench takes its own number
  --limit S    seconds that one run may take (240); then it is ended and its old figures stay
  --list       the names, and nothing else

Exit codes: 0 all measured, 1 some failed, 2 wrong usage. Soaks need a nats-server and an S3 server (pnpm s3 up).`

const figures = fileURLToPath(new URL('../figures', import.meta.url))
const flag = { type: 'boolean', default: false } as const
const options = {
  quick: flag,
  list: flag,
  help: flag,
  rounds: { type: 'string' },
  limit: { type: 'string', default: '240' },
} as const

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  if (values.help) console.log(USAGE)
  else {
    const runs = chooseRuns(figureRuns(publishedPackages(), values), positionals)
    if (values.list) console.log(runs.map(({ name }) => name).join('\n'))
    else await measureAll(runs, Number(values.limit) * 1000)
  }
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}

async function measureAll(runs: readonly FigureRun[], limitMs: number): Promise<void> {
  if (!(limitMs > 0)) throw new TypeError('--limit must be a number of seconds')
  await build(runs.filter(({ name }) => name.startsWith('bench-')))
  mkdirSync(figures, { recursive: true })
  const outcomes: [name: string, outcome: string][] = []
  for (const run of runs) {
    console.log(`${run.name} …`)
    const began = performance.now()
    const problem = await measure(run, limitMs)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    outcomes.push([run.name, problem ? `FAILED: ${problem}` : `measured in ${seconds} s`])
    if (problem) process.exitCode = 1
  }
  await pnpm('exec', 'biome', 'format', '--write', '--log-level=error', figures)
  const width = Math.max(...outcomes.map(([name]) => name.length))
  for (const [name, outcome] of outcomes) console.log(`${name.padEnd(width)}  ${outcome}`)
}

/** Benches measure what is published. A package that does not build fails at its bench, not here. */
async function build(benches: readonly FigureRun[]): Promise<void> {
  if (benches.length === 0) return
  const filters = benches.map(({ subject }) => `--filter=@mortise/${subject}`)
  const flags = ['--continue', '--output-logs=errors-only', ...filters]
  await pnpm('exec', 'turbo', 'run', 'build', ...flags)
}

async function pnpm(...args: string[]): Promise<void> {
  const child = spawn('pnpm', args, { cwd: ROOT, stdio: 'inherit' })
  await new Promise((resolve) => child.once('exit', resolve))
}

/** Answers with what went wrong, or with nothing. */
async function measure(run: FigureRun, limitMs: number): Promise<string | undefined> {
  const child = spawn(process.execPath, ['--no-warnings', ...run.args], {
    cwd: run.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // ended with everything it started
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const stop = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), limitMs)
  const output = await text(child.stdout)
  const code = await ended
  clearTimeout(stop)
  const report = lastJson(output)
  if (code === null) return `not done after ${limitMs / 1000} s`
  // A soak that found something lost ends with 1 and says so in its report: that is a figure, too.
  if (!report) return `printed no JSON object and ended with ${code}`
  const measured = {
    at: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cores: availableParallelism(),
  }
  const file = join(figures, `${run.name}.json`)
  writeFileSync(file, `${JSON.stringify({ measured, ...report }, null, 2)}\n`)
  return undefined
}
