import { randomInt } from 'node:crypto'
import type { Platform } from '../inbound-event.ts'
import { wholeNumber } from '../whole-number.ts'
import {
  type DeliveryOptions,
  type DeliveryReport,
  deliverWebhooks,
  postWebhook,
} from './platform-simulator-delivery.ts'
import {
  type SimulatedFault,
  type SimulatedMediaFault,
  type SimulatedRateLimit,
  startSimulatorServer,
} from './platform-simulator-server.ts'
import type {
  SignedWebhook,
  SimulatedAccount,
  SimulatedApiCall,
  SimulatedEvent,
  SimulatedFile,
  SimulatedPlatform,
  SimulatedSend,
  SimulatedWorld,
  UnsignedWebhook,
} from './simulated-platform.ts'
import { type SimulatedPlatformName, simulatedPlatforms } from './simulated-platforms.ts'

/** Options of {@link createPlatformSimulator}. */
export interface PlatformSimulatorOptions {
  /** One of ours by name, or your own. */
  platform: SimulatedPlatformName | SimulatedPlatform
  /** Where webhooks go. May also be given to each call. */
  webhookUrl?: string
  /** Replaces single credentials of the simulated account. Default: made-up ones. */
  credentials?: Readonly<Record<string, string>>
  /** How fast the played API takes messages. Default: as fast as it can. */
  rateLimit?: SimulatedRateLimit
  /**
   * Makes ids, duplicates and reordering repeatable. Default: another one each time, so that a receiver that
   * remembers an earlier run takes nothing of this one for a redelivery.
   */
  seed?: number
  /** Default `Date.now`. */
  now?: () => number
  /** Default: the global `fetch`. A function of your own can call a handler directly. */
  fetch?: typeof globalThis.fetch
}

/** A platform on this machine: posts signed webhooks, and plays the API that messages are sent to. */
export interface PlatformSimulator extends AsyncDisposable {
  platform: Platform
  /** For the adapter's `baseUrl`. */
  apiUrl: string
  /** For the channel's `credentials`. */
  credentials: Record<string, string>
  /** The seed given, or drawn: the same one again plays the same run. */
  seed: number
  /** Behind it all, to compose and sign by hand. */
  account: SimulatedAccount
  /** Every message that the API accepted, in order. */
  sent: readonly SimulatedSend[]
  /** Every call that the API got, refused ones too; the last {@link MAX_CALLS}. */
  calls: readonly SimulatedApiCall[]
  /** Events as one signed webhook, not posted. Signed for `url`. */
  webhook: (events: SimulatedEvent | readonly SimulatedEvent[], url?: string) => SignedWebhook
  /** Posts events once, as one webhook, and returns the answer. */
  post: (events: SimulatedEvent | readonly SimulatedEvent[], url?: string) => Promise<Response>
  /** Delivers many events until acknowledged, with the duplicates and disorder asked for. */
  deliver: (events: readonly SimulatedEvent[], options?: DeliveryOptions) => Promise<DeliveryReport>
  /** Proves the webhook's address as the platform's console does. `undefined`: the platform has no such step. */
  challenge: (url?: string) => Promise<Response | undefined>
  /** The next messages (default 1) meet this fault. */
  failNext: (fault: SimulatedFault, times?: number) => void
  /** The next downloads of a medium (default 1) meet this fault. */
  failNextMedia: (fault: SimulatedMediaFault, times?: number) => void
  close: () => Promise<void>
}

/** How many calls `calls` keeps. */
export const MAX_CALLS = 10_000

/**
 * Starts a simulated platform on a loopback port. Nothing leaves the machine unless `webhookUrl` does.
 *
 * @throws {TypeError} when the platform is none of ours, or an event has no webhook on it.
 */
export async function createPlatformSimulator(
  options: PlatformSimulatorOptions,
): Promise<PlatformSimulator> {
  const simulated =
    typeof options.platform === 'string' ? platformNamed(options.platform) : options.platform
  const now = options.now ?? Date.now
  const fetch = options.fetch ?? globalThis.fetch
  const calls: SimulatedApiCall[] = []
  let account: SimulatedAccount | undefined
  const server = await startSimulatorServer({
    account: () => account as SimulatedAccount, // made below, before anybody knows the address
    onCall: (call) => {
      if (calls.push(call) > MAX_CALLS) calls.shift()
    },
    now,
    rateLimit: options.rateLimit,
  })
  const seed = options.seed ?? randomInt(2 ** 32)
  const { world, sent } = createWorld({ apiUrl: server.url, now, seed })
  const made = simulated.createAccount(world, { credentials: options.credentials ?? {} })
  account = made
  const context = { account: made, fetch, random: seededRandom(seed) }

  function target(url: string | undefined): string {
    const address = url ?? options.webhookUrl
    if (address === undefined) {
      throw new TypeError('No webhook address: pass `url`, or `webhookUrl` to the simulator')
    }
    return address
  }

  function compose(events: SimulatedEvent | readonly SimulatedEvent[]): UnsignedWebhook {
    const list = [events].flat()
    if (list.length === 0 || list.length > made.maxBatch) {
      throw new TypeError(
        `One webhook of ${simulated.platform} holds 1 to ${made.maxBatch} events, got ${list.length}`,
      )
    }
    return made.compose(list)
  }

  return {
    platform: simulated.platform,
    apiUrl: server.url,
    credentials: made.credentials,
    seed,
    account: made,
    sent,
    calls,
    webhook: (events, url) => made.sign(compose(events), { url: target(url), attempt: 1 }),
    post: (events, url) => postWebhook(compose(events), { url: target(url) }, context),
    deliver: async (events, delivery = {}) => {
      const { batchSize = 1 } = delivery
      const size = Math.min(wholeNumber('batchSize', batchSize, { least: 1 }), made.maxBatch)
      const webhooks = batches(events, size).map((batch) => made.compose(batch))
      return deliverWebhooks(webhooks, { ...delivery, url: target(delivery.url) }, context)
    },
    challenge: async (url) =>
      made.challenge && postWebhook(made.challenge(), { url: target(url) }, context),
    failNext: (fault, times = 1) => server.failNext(fault, times),
    failNextMedia: (fault, times = 1) => server.failNextMedia(fault, times),
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  }
}

function platformNamed(name: string): SimulatedPlatform {
  const found = Object.entries(simulatedPlatforms).find(([known]) => known === name)?.[1]
  if (found) return found
  const known = Object.keys(simulatedPlatforms).join(', ')
  throw new TypeError(`\`platform\` must be one of ${known} or a SimulatedPlatform, got ${name}`)
}

/** Where the numbers of a run begin; with the longest run on top they still fit into 32 bits, as Telegram's do. */
const FIRST_NUMBERS = 1_000_000_000

function createWorld(given: { apiUrl: string; now: () => number; seed: number }): {
  world: SimulatedWorld
  sent: SimulatedSend[]
} {
  const { apiUrl, now, seed } = given
  const sent: SimulatedSend[] = []
  const media = new Map<string, SimulatedFile>()
  const byKey = new Map<string, SimulatedSend>()
  let number = Math.floor(seededRandom(seed)() * FIRST_NUMBERS)
  const world: SimulatedWorld = {
    now,
    apiUrl,
    nextNumber: () => ++number,
    keepMedia: (medium) => {
      const id = String(800_000_000_000 + ++number)
      media.set(id, medium)
      return id
    },
    media: (id) => media.get(id),
    accept: (send) => {
      const accepted = { ...send, at: new Date(now()).toISOString() }
      sent.push(accepted)
      if (send.idempotencyKey !== undefined) byKey.set(send.idempotencyKey, accepted)
    },
    acceptedWith: (key) => byKey.get(key),
  }
  return { world, sent }
}

function batches<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}

/** Numbers from 0 to 1 that a seed repeats (a 32-bit linear congruential generator). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
