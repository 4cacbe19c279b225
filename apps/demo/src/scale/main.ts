import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fromUnknown, PermanentError } from '@mortise/errors'
import { configFromEnv } from '../config.ts'
import { findServers } from '../find-servers.ts'
import { hearStop, type Stop } from '../stopping.ts'
import { isWhole } from './judge.ts'
import { removeBucket } from './remove-bucket.ts'
import { runScale, type ScaleProgress, type ScaleReport } from './run-scale.ts'

const USAGE = `Usage: pnpm --filter demo scale [--events N] [--conversations N] [--receivers N] [--workers N] [--json]

Runs the demo as several processes over JetStream and S3, kills a worker and a receiver under load (kill -9), and
looks for everything that was acknowledged. Uses NATS_URL and S3_ENDPOINT, or starts the servers.

  --events N          messages (1000), of which 5 % are delivered twice
  --conversations N   how many people write them (50); each conversation keeps its order
  --receivers N       processes that take webhooks (2); one is killed
  --workers N         processes that do the work (3); one is killed
  --json              the report as one JSON object instead of the table

Exit codes: 0 nothing is lost, doubled or out of order; 1 something is, or it failed; 2 wrong usage.`

const FAILURE_EXIT_CODE = 1
const USAGE_EXIT_CODE = 2
const PROGRESS_EVERY_MS = 1000
const CONCURRENCY = 16

const flags = readFlags()
if (flags?.help) console.log(USAGE)
else if (flags) {
  await main(flags).catch(explain)
  process.exit() // after an interruption, processes of the run may still hold this one
}

type Flags = NonNullable<ReturnType<typeof readFlags>>

function readFlags() {
  const number = (value: number) => ({ type: 'string', default: String(value) }) as const
  const flag = { type: 'boolean', default: false } as const
  const sizes = { conversations: number(50), receivers: number(2), workers: number(3) }
  try {
    const options = { events: number(1000), ...sizes, json: flag, help: flag }
    const { values } = parseArgs({ options })
    const size = {
      events: atLeast(3, '--events', values.events),
      conversations: atLeast(1, '--conversations', values.conversations),
      receivers: atLeast(2, '--receivers', values.receivers), // one of them dies
      workers: atLeast(2, '--workers', values.workers),
    }
    return { ...size, json: values.json, help: values.help }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    process.exitCode = USAGE_EXIT_CODE
    return undefined
  }
}

function atLeast(least: number, name: string, value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= least) return number
  throw new TypeError(`${name} must be a whole number of at least ${least}, but is ${value}`)
}

function explain(error: unknown): void {
  const { code, kind, message } = fromUnknown(error)
  console.error(`${message} (${code}, ${kind})`)
  process.exitCode = FAILURE_EXIT_CODE
}

async function main({ json, ...size }: Flags): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mortise-scale-'))
  try {
    const wanted = { nats: true, s3: true }
    const { stopped, signal } = hearStop(process.stdout)
    const say = (line: string) => console.error(`  ${line}`)
    const config = configFromEnv(process.env, folder)
    await using servers = await findServers(config, wanted, { say, signal })
    const { natsUrl, s3: found } = servers.config
    if (!natsUrl || !found) throw new TypeError('Several processes need JetStream and S3')
    const s3 = { ...found, bucket: `mortise-scale-${randomUUID()}` }
    const onProgress = createProgress(size.events, say)
    try {
      const running = runScale({
        ...size,
        config: { folder, natsUrl, s3 },
        concurrency: CONCURRENCY,
        say,
        onProgress,
      })
      const report = await Promise.race([running, failure(stopped)])
      console.log(json ? JSON.stringify(report, null, 2) : table(report))
      if (!isWhole(report) || report.neverAcknowledged > 0) process.exitCode = FAILURE_EXIT_CODE
    } finally {
      await removeBucket(s3)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Rejects at Ctrl-C, so that what was started is ended. */
async function failure(stopped: Promise<Stop>): Promise<never> {
  const { problem = 'Interrupted' } = await stopped
  throw new PermanentError(problem, { code: 'DEMO_INTERRUPTED' })
}

/** A line a second, for people and for logs. */
function createProgress(
  events: number,
  say: (line: string) => void,
): (progress: ScaleProgress) => void {
  let told = 0
  return ({ acknowledged, replies }) => {
    if (performance.now() - told < PROGRESS_EVERY_MS) return
    told = performance.now()
    say(`acknowledged ${acknowledged} of ${events} · replies sent ${replies}`)
  }
}

function table(report: ScaleReport): string {
  const rows: [string, number | string][] = [
    ['events acknowledged', `${report.acknowledged} of ${report.webhooks}`],
    ['delivered twice on purpose', report.redelivered],
    ['killed with kill -9', report.kills.join(', ')],
    ['handled', report.handled],
    ['lost', report.lost],
    ['doubled', report.doubled],
    ['conversations out of order', report.orderBroken],
    ['segments in the daily file', report.segmentsInFile],
    ['replies sent', report.repliesSent],
    ['replies sent twice', report.repliesTwice],
    ['replies in doubt', `${report.repliesInDoubt} (under way when their process was killed)`],
    ['replies missing', report.repliesMissing],
    ['seconds', report.seconds],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return `\n${rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')}`
}
