import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StorageProvider } from '@mortise/files-remote'
import type { MessageTransport } from '@mortise/messaging-sdk'
import {
  createPlatformSimulator,
  type SimulatedEvent,
  type UnsignedWebhook,
} from '@mortise/messaging-sdk/testing'
import type { DemoConfig } from '../config.ts'
import type { Setup } from '../open-parts.ts'
import { webhookPath } from '../platforms.ts'
import { readSegments, today } from '../read-segments.ts'
import { openStorage } from '../storage.ts'
import { openTransport } from '../transport.ts'
import { drawPicture } from '../world/picture.ts'
import { type Fleet, type Member, startFleet } from './fleet.ts'
import { type Evidence, judge, type Verdict } from './judge.ts'

/** How large, and over which servers. */
export interface ScaleOptions {
  /** With `natsUrl` and `s3`: several processes need a store that they share. */
  config: Required<Pick<DemoConfig, 'folder' | 'natsUrl' | 's3'>>
  events: number
  conversations: number
  receivers: number
  workers: number
  /** Posts under way at once. */
  concurrency: number
  say?: (line: string) => void
  /** Told of every change, often. */
  onProgress?: (progress: ScaleProgress) => void
  /** Between the work and the verdict: tests take something away here. */
  beforeJudging?: (storage: StorageProvider) => Promise<void>
}

/** How far a run has come. */
export interface ScaleProgress {
  acknowledged: number
  replies: number
}

/** What a run showed. */
export interface ScaleReport extends Verdict {
  webhooks: number
  neverAcknowledged: number
  redelivered: number
  /** What was killed with SIGKILL, and after how many acknowledged events. */
  kills: string[]
  seconds: number
}

/** S3 signs its own. */
const NO_LINKS = { baseUrl: '', secret: '' }
const DUPLICATES = 0.05
const ONE_PICTURE_IN = 20
const RETRY_DELAY_MS = 50
/** How long the last events may take. */
const DRAIN_MS = 120_000
const LOOK_AGAIN_MS = 100

/** Receivers and workers as processes of their own, two of them killed under load; then everything is looked for. */
export async function runScale(options: ScaleOptions): Promise<ScaleReport> {
  const began = performance.now()
  const day = today()
  const { config, say = () => {} } = options
  let next = 0
  let fleet: Fleet | undefined
  /** A load balancer: the receivers in turn. A dead one is left out by the one who posts, as late as it is noticed. */
  const balanced: typeof fetch = async (input, init) => {
    const alive = fleet?.receivers.filter((receiver) => receiver.isAlive()) ?? []
    const { said: origin } = alive[next++ % alive.length] as Member
    return await fetch(new URL(new URL(String(input)).pathname, origin), init)
  }
  await using simulator = await createPlatformSimulator({ platform: 'whatsapp', fetch: balanced })
  const { apiUrl, credentials } = simulator
  const accounts = [{ name: 'whatsapp', apiUrl, credentials }] as const
  const setup: Setup = { config, accounts, links: NO_LINKS, sendLimits: false }
  await using transport = await openTransport(config)
  const storage = await openStorage(config, NO_LINKS)
  await using started = await startFleet(setup, options)
  fleet = started
  say(`${[...started.receivers, ...started.workers].map(nameOf).join(', ')}`)

  const acknowledged = new Map<string, number[]>()
  const killer = createKiller(options, started)
  const delivery = await simulator.deliver(createEvents(options), {
    url: `http://balanced.invalid${webhookPath('whatsapp')}`,
    concurrency: options.concurrency,
    duplicates: DUPLICATES,
    orderedByConversation: true,
    maxAttempts: 1000,
    retryDelayMs: RETRY_DELAY_MS,
    onAcknowledged: (webhook) => {
      note(webhook, acknowledged)
      const count = [...acknowledged.values()].reduce((sum, list) => sum + list.length, 0)
      killer.progress(count)
      options.onProgress?.({ acknowledged: count, replies: simulator.sent.length })
    },
  })
  await killer.done()
  say('everything is posted; the rest of the work is waited for')
  await drain(transport, () =>
    options.onProgress?.({ acknowledged: options.events, replies: simulator.sent.length }),
  )
  await options.beforeJudging?.(storage)
  const evidence: Evidence = {
    acknowledged,
    profiles: await readProfiles(storage, day),
    replies: simulator.sent.map(({ body }) => numberOfReply(body)),
    deadLetters: await readDeadLetters(transport),
  }
  return {
    ...judge(evidence),
    webhooks: delivery.webhooks,
    neverAcknowledged: delivery.refused.length,
    redelivered: delivery.duplicates,
    kills: killer.kills,
    seconds: Number(((performance.now() - began) / 1000).toFixed(1)),
  }
}

const nameOf = ({ name, pid }: Member) => `${name} (process ${pid})`

/** Texts and some pictures, each with a number of its own that the daily file and the reply carry on. */
function createEvents({ events, conversations }: ScaleOptions): SimulatedEvent[] {
  const run = randomUUID()
  const data = drawPicture(64, 40)
  return Array.from({ length: events }, (_, number) => {
    const from = String(4_900_000_000 + (number % conversations))
    const id = `wamid.${run}.${number}`
    const words = `Order ${number} #n-${number}`
    if (number % ONE_PICTURE_IN > 0) return { type: 'text', text: words, from, id }
    const medium = { kind: 'image', mime: 'image/png', data, caption: words } as const
    return { type: 'media', ...medium, from, id }
  })
}

function note({ ids, conversation }: UnsignedWebhook, acknowledged: Map<string, number[]>): void {
  const list = acknowledged.get(conversation) ?? []
  const known = new Set(list)
  list.push(...ids.map(numberOfId).filter((number) => !known.has(number)))
  acknowledged.set(conversation, list)
}

const numberOfId = (id: string) => Number(id.split('.').at(-1))

function numberOfReply(body: Record<string, unknown>): number {
  const { context } = body as { context?: { message_id?: string } }
  return numberOfId(context?.message_id ?? '')
}

/** A worker after a third of the events, a receiver after two. Nobody comes in their place. */
function createKiller({ events, say = () => {} }: ScaleOptions, { receivers, workers }: Fleet) {
  const kills: string[] = []
  const plan = [
    { at: events / 3, victim: workers[0] as Member },
    { at: (2 * events) / 3, victim: receivers[0] as Member },
  ]
  let running: Promise<void> = Promise.resolve()
  return {
    kills,
    done: () => running,
    progress: (count: number) => {
      const [due] = plan
      if (!due || count < due.at) return
      plan.shift()
      kills.push(`${due.victim.name} after ${count} events`)
      say(`kill -9 of ${nameOf(due.victim)} after ${count} acknowledged events`)
      running = running.then(due.victim.kill)
    },
  }
}

async function drain(transport: MessageTransport, onLook: () => void): Promise<void> {
  const deadline = Date.now() + DRAIN_MS
  while (Date.now() < deadline) {
    onLook()
    const groups = await transport.lag()
    if (groups.every(({ pending }) => pending === 0)) return
    await sleep(LOOK_AGAIN_MS)
  }
}

/** Of the days on which the run began and ended. */
async function readProfiles(
  storage: StorageProvider,
  began: string,
): Promise<Evidence['profiles']> {
  const days = [...new Set([began, today()])]
  const files = await Promise.all(days.map((day) => readSegments(storage, day)))
  return files.flatMap(({ profiles }) =>
    profiles.map(({ smi_uid, segments }) => {
      const mark = segments.find((segment) => segment.startsWith('n-'))
      return { conversation: smi_uid, number: Number(mark?.slice('n-'.length)) }
    }),
  )
}

async function readDeadLetters(transport: MessageTransport): Promise<Evidence['deadLetters']> {
  const letters = await transport.deadLetters.list({ limit: 1000 })
  return letters.map(({ envelope, error }) => ({
    number: numberOfId(envelope.id),
    code: error.code,
  }))
}
