import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { benchRatios } from '../../../scripts/bench/ratios.ts'

type Manifest = typeof import('../src/index.ts')

const { parseManifest, applyAuth }: Manifest = await import(
  new URL('../dist/index.js', import.meta.url).href
)

/** The most that the main door may cost over an empty module. */
const IMPORT_BUDGET_MS = 25
const CALLS = 3000

const importCost = fileURLToPath(new URL('./import-cost.ts', import.meta.url))
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const asana = read('../test/fixtures/documented/asana.json')
const validate = new Ajv2020({ strict: false }).compile(
  JSON.parse(read('../schemas/app-manifest.schema.json')),
)
const parsed = parseManifest(asana)
if (!parsed.ok) throw new Error('The documented example does not parse.')
const { manifest } = parsed
const request = {
  url: 'https://app.asana.com/api/1.0/users/me',
  headers: { accept: 'application/json' },
}

/** The least of five fresh processes, because the clock also counts what else the machine does. */
function importMs(): number {
  const samples = Array.from({ length: 5 }, (): [empty: number, loaded: number] =>
    JSON.parse(execFileSync(process.execPath, [importCost], { encoding: 'utf8' })),
  )
  const least = (index: 0 | 1) => Math.min(...samples.map((sample) => sample[index]))
  return least(1) - least(0)
}

/** Calls before the clock starts: both sides are compiled code by then. */
const WARM_CALLS = 10_000

function microsecondsPerCall(call: () => unknown): number {
  let kept: unknown
  for (let index = 0; index < WARM_CALLS; index++) kept = call()
  const started = performance.now()
  for (let index = 0; index < CALLS; index++) kept = call()
  const elapsed = performance.now() - started
  if (kept === started) throw new Error('Unreachable; it keeps the calls from being optimised away')
  return (elapsed * 1000) / CALLS
}

/** Signing by hand, as apps do today. */
function signByHand(token: string) {
  const url = new URL(request.url)
  return {
    ...request,
    url: url.href,
    headers: { ...request.headers, Authorization: `Bearer ${token}` },
  }
}

await benchRatios({
  package: 'manifest',
  measures: [
    {
      name: `import, against the budget of ${IMPORT_BUDGET_MS} ms`,
      goal: 1,
      better: 'lower',
      ours: importMs,
      theirs: () => IMPORT_BUDGET_MS,
    },
    {
      name: 'parseManifest of the Asana example, against JSON.parse + ajv',
      goal: 3,
      better: 'lower',
      ours: () => microsecondsPerCall(() => parseManifest(asana)),
      theirs: () => microsecondsPerCall(() => validate(JSON.parse(asana))),
    },
    {
      name: 'applyAuth, against writing the header by hand',
      goal: 3,
      better: 'lower',
      ours: () =>
        microsecondsPerCall(() => applyAuth(manifest, { access_token: 'token' }, request)),
      theirs: () => microsecondsPerCall(() => signByHand('token')),
    },
  ],
})
