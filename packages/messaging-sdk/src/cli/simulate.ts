import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createPlatformSimulator, type SimulatedPlatformName } from '../testing/index.ts'
import { type CliIo, EXIT, UsageError } from './cli-io.ts'

const options = {
  url: { type: 'string' },
  events: { type: 'string', default: '1' },
  text: { type: 'string', default: 'Hello' },
  batch: { type: 'string', default: '1' },
  duplicates: { type: 'string', default: '0' },
  reorder: { type: 'string', default: '0' },
  concurrency: { type: 'string', default: '1' },
  credentials: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

/** Posts signed webhooks to an address, and tells how they were taken. */
export async function simulate(args: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const [platform] = positionals
  if (!platform) throw new UsageError('simulate needs a platform: whatsapp, telegram, slack …')
  if (!values.url) throw new UsageError('simulate needs --url, where the webhooks go')
  const credentials = values.credentials ? await readCredentials(values.credentials) : undefined
  await using simulator = await createPlatformSimulator({
    platform: platform as SimulatedPlatformName,
    webhookUrl: values.url,
    ...(credentials && { credentials }),
  })
  if (!credentials && !values.json) {
    io.error(`signed with made-up credentials: ${JSON.stringify(simulator.credentials)}`)
  }
  const count = numberOf('--events', values.events)
  const events = Array.from({ length: count }, (_, index) => ({
    type: 'text' as const,
    text: count === 1 ? values.text : `${values.text} ${index + 1}`,
  }))
  const report = await simulator.deliver(events, {
    batchSize: numberOf('--batch', values.batch),
    duplicates: numberOf('--duplicates', values.duplicates),
    reorder: numberOf('--reorder', values.reorder),
    concurrency: numberOf('--concurrency', values.concurrency),
    signal: io.signal,
  })
  const { refused, ...counts } = report
  const statuses = [...new Set(refused.map(({ status }) => status))]
  if (values.json) io.out(JSON.stringify({ ...counts, refused: refused.length, statuses }))
  else {
    io.out(
      `${counts.acknowledged} of ${counts.webhooks} webhooks acknowledged, ${counts.duplicates} delivered twice, ${counts.attempts} requests`,
    )
    if (refused.length > 0)
      io.out(`${refused.length} refused with ${statuses.join(', ')} (0: no answer)`)
  }
  return refused.length === 0 ? EXIT.ok : EXIT.problem
}

async function readCredentials(path: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, string>
  } catch {
    throw new UsageError(`--credentials ${path} is no readable JSON file`)
  }
}

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number >= 0) return number
  throw new UsageError(`${name} must be a number of at least 0, but is ${text}`)
}
