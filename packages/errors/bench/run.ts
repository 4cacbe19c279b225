import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseRateLimit } from 'ratelimit-header-parser'
import { benchRatios } from '../../../scripts/bench/ratios.ts'

const { fromResponse, parseRetryHint }: typeof import('../src/index.ts') = await import(
  new URL('../dist/index.js', import.meta.url).href
)

const IMPORT_BUDGET_MS = 5
const NO_ERROR_BUDGET_US = 2
const importCost = fileURLToPath(new URL('./import-cost.ts', import.meta.url))

/** The least of five fresh processes, because the clock also counts what else the machine does. */
function measureImport(): number {
  const samples = Array.from({ length: 5 }, (): [empty: number, loaded: number] =>
    JSON.parse(execFileSync(process.execPath, [importCost], { encoding: 'utf8' })),
  )
  const least = (index: 0 | 1) => Math.min(...samples.map((sample) => sample[index]))
  return least(1) - least(0)
}

/** Microseconds a call, over enough calls for the clock to be exact. */
function microsecondsPerCall(call: () => unknown, calls: number): number {
  let kept: unknown
  const started = performance.now()
  for (let index = 0; index < calls; index++) kept = call()
  const elapsed = performance.now() - started
  if (kept === started) throw new Error('Unreachable; it keeps the calls from being optimised away')
  return (elapsed * 1000) / calls
}

const ok = new Response(null, { status: 200, headers: { 'content-type': 'application/json' } })

// The three forms that the alternative reads, on a used-up limit, as Node's clients hand them over.
const date = 'Sun, 22 Nov 2026 12:00:00 GMT'
const forms = [
  { date, 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' },
  { date, 'ratelimit-limit': '100', 'ratelimit-remaining': '0', 'ratelimit-reset': '60' },
  { date, ratelimit: 'limit=100, remaining=0, reset=60' },
]
const each = (read: (headers: Record<string, string>) => unknown) => () => forms.map(read)

interface Vector {
  headers: Record<string, string>
  options?: object
  expected: { delayMs: number } | null
}
const table: { now: string; vectors: Vector[] } = JSON.parse(
  readFileSync(new URL('../test/fixtures/retry-hints.json', import.meta.url), 'utf8'),
)
const now = Date.parse(table.now)

/** How many vectors of our table a reader gets right to the second; its own clock counts, so dates get some slack. */
function rightAnswers(read: (vector: Vector) => number | undefined): number {
  return table.vectors.filter((vector) => {
    const expected = vector.expected?.delayMs
    const answer = attempt(() => read(vector))
    return expected === undefined || answer === undefined
      ? expected === answer
      : Math.abs(answer - expected) < 2000
  }).length
}

function attempt(read: () => number | undefined): number | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function theirDelay({ headers }: Vector): number | undefined {
  const limit = parseRateLimit(headers)
  if (!limit?.reset || limit.remaining > 0) return undefined
  return Math.max(0, limit.reset.getTime() - Date.now())
}

await benchRatios({
  package: 'errors',
  measures: [
    {
      name: `import over an empty module, fresh process (ms / ${IMPORT_BUDGET_MS} ms)`,
      goal: 1,
      better: 'lower',
      ours: measureImport,
      theirs: () => IMPORT_BUDGET_MS,
    },
    {
      name: `fromResponse of a 200 (µs / ${NO_ERROR_BUDGET_US} µs)`,
      goal: 1,
      better: 'lower',
      ours: () => microsecondsPerCall(() => fromResponse(ok), 1_000_000),
      theirs: () => NO_ERROR_BUDGET_US,
    },
    {
      // It asks for three times as many headers, and only when something has already failed.
      name: 'parseRetryHint, time against ratelimit-header-parser',
      goal: 3,
      better: 'lower',
      ours: () =>
        microsecondsPerCall(
          each((headers) => parseRetryHint(headers)),
          20_000,
        ),
      theirs: () =>
        microsecondsPerCall(
          each((headers) => parseRateLimit(headers)),
          20_000,
        ),
    },
    {
      name: 'parseRetryHint, right answers against ratelimit-header-parser',
      goal: 2,
      better: 'higher',
      ours: () =>
        rightAnswers(
          ({ headers, options }) =>
            parseRetryHint(headers, { ...options, now: () => now })?.delayMs,
        ),
      theirs: () => rightAnswers(theirDelay),
    },
  ],
})
