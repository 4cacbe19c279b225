import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import {
  createPlatformSimulator,
  type DeliveryReport,
  type SimulatedEvent,
  type SimulatedPlatformName,
  simulatedPlatforms,
} from '../testing/index.ts'
import { type CliIo, EXIT, UsageError } from './cli-io.ts'

const options = {
  url: { type: 'string' },
  events: { type: 'string', default: '1' },
  text: { type: 'string', default: 'Hello' },
  command: { type: 'string' },
  batch: { type: 'string', default: '1' },
  duplicates: { type: 'string', default: '0' },
  reorder: { type: 'string', default: '0' },
  concurrency: { type: 'string', default: '1' },
  seed: { type: 'string' },
  credentials: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

/** Posts signed webhooks to an address, and tells how they were taken. */
export async function simulate(args: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const platform = platformOf(positionals[0])
  if (!values.url) throw new UsageError('simulate needs --url, where the webhooks go')
  if (!URL.canParse(values.url)) throw new UsageError(`--url ${values.url} is no address`)
  const events = eventsOf(platform, values)
  const delivery = {
    batchSize: numberOf('--batch', values.batch, { least: 1 }),
    duplicates: numberOf('--duplicates', values.duplicates, { most: 1 }),
    reorder: numberOf('--reorder', values.reorder),
    concurrency: numberOf('--concurrency', values.concurrency, { least: 1 }),
    signal: io.signal,
  }
  const credentials = values.credentials ? await readCredentials(values.credentials) : undefined
  await using simulator = await createPlatformSimulator({
    platform,
    webhookUrl: values.url,
    ...(credentials && { credentials }),
    ...(values.seed !== undefined && { seed: numberOf('--seed', values.seed) }),
  })
  if (!credentials && !values.json) {
    io.error(`signed with made-up credentials: ${JSON.stringify(simulator.credentials)}`)
  }
  const report = await simulator.deliver(events, delivery)
  tell({ ...report, seed: simulator.seed }, { io, json: values.json })
  return report.refused.length === 0 ? EXIT.ok : EXIT.problem
}

function platformOf(name = ''): SimulatedPlatformName {
  if (Object.hasOwn(simulatedPlatforms, name)) return name as SimulatedPlatformName
  const known = Object.keys(simulatedPlatforms).join(', ')
  throw new UsageError(`simulate needs a platform (${known}), not ${name || 'nothing'}`)
}

/** All are made before the first is posted. */
const MAX_EVENTS = 1_000_000

/** Texts; commands where they are asked for, and on Discord, which posts nothing else. */
function eventsOf(
  platform: SimulatedPlatformName,
  values: { events: string; text: string; command?: string | undefined },
): SimulatedEvent[] {
  const name = values.command ?? (platform === 'discord' ? 'hello' : undefined)
  const count = numberOf('--events', values.events, { most: MAX_EVENTS })
  return Array.from({ length: count }, (_, index) => {
    const text = count === 1 ? values.text : `${values.text} ${index + 1}`
    return name === undefined ? { type: 'text', text } : { type: 'command', name, text }
  })
}

function tell(
  report: DeliveryReport & { seed: number },
  { io, json }: { io: CliIo; json: boolean },
): void {
  const { refused, ...counts } = report
  const statuses = [...new Set(refused.map(({ status }) => status))]
  if (json) {
    io.out(JSON.stringify({ ...counts, refused: refused.length, statuses }))
    return
  }
  const { acknowledged, webhooks, duplicates, attempts, seed } = counts
  io.out(
    `${acknowledged} of ${webhooks} webhooks acknowledged, ${duplicates} delivered twice, ${attempts} requests (--seed ${seed})`,
  )
  if (refused.length > 0)
    io.out(`${refused.length} refused with ${statuses.join(', ')} (0: no answer)`)
}

async function readCredentials(path: string): Promise<Record<string, string>> {
  const credentials = await readFile(path, 'utf8')
    .then<unknown>(JSON.parse)
    .catch(() => {
      throw new UsageError(`--credentials ${path} is no readable JSON file`)
    })
  if (isRecordOfTexts(credentials)) return credentials
  throw new UsageError(`--credentials ${path} must hold one JSON object of texts`)
}

function isRecordOfTexts(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((text) => typeof text === 'string')
}

function numberOf(name: string, text: string, bounds: { least?: number; most?: number } = {}) {
  const { least = 0, most = Number.MAX_SAFE_INTEGER } = bounds
  const number = text === '' ? Number.NaN : Number(text)
  const isFine = most === 1 || Number.isInteger(number) // a share may have a fraction
  if (isFine && number >= least && number <= most) return number
  const upTo = bounds.most === undefined ? `of at least ${least}` : `from ${least} to ${most}`
  const range = most === 1 ? 'a share from 0 to 1' : `a whole number ${upTo}`
  throw new UsageError(`${name} must be ${range}, but is ${text}`)
}
