import type { DeliveryStatus, Platform } from '../inbound-event.ts'

/** Something that happens on the platform's side, in no platform's words. `from` and `id` have defaults. */
export type SimulatedEvent =
  | { type: 'text'; text: string; from?: string; id?: string; replyTo?: string }
  | SimulatedMedium
  | {
      type: 'status'
      messageId: string
      status: DeliveryStatus
      to?: string
      correlationId?: string
    }
  | { type: 'reaction'; messageId: string; emoji: string; removed?: boolean; from?: string }
  | { type: 'edit'; messageId: string; text: string; from?: string }
  | { type: 'delete'; messageId: string; from?: string }
  | { type: 'press'; id: string; title?: string; messageId?: string; from?: string }
  | { type: 'command'; name: string; text?: string; from?: string }
  | { type: 'native'; body: Record<string, unknown> }

/** A picture, sound, film or file that somebody sends; the simulator keeps the bytes and serves them. */
export interface SimulatedMedium {
  type: 'media'
  kind: 'image' | 'video' | 'audio' | 'document'
  data: Uint8Array
  mime: string
  filename?: string
  caption?: string
  from?: string
  id?: string
}

/** A webhook before its signature. */
export interface UnsignedWebhook {
  method: 'GET' | 'POST'
  headers: Record<string, string>
  /** What follows the webhook's address: `?hub.mode=…` */
  query?: string
  body: string
  /** The platform's ids of what is inside. */
  ids: string[]
  /** Webhooks of the same conversation keep their order where order is asked for. */
  conversation: string
}

/** A webhook as it leaves the platform. */
export interface SignedWebhook extends UnsignedWebhook {
  url: string
}

/** A call to the platform's API, read whole. */
export interface SimulatedApiCall {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  body: Buffer
}

/** A file as the platform keeps it. */
export interface SimulatedFile {
  data: Uint8Array
  mime: string
  filename?: string
}

/** The answer of the platform's API. A string body is sent as it is, all else as JSON. */
export interface SimulatedApiAnswer {
  status: number
  headers?: Record<string, string>
  body?: unknown
  /** Instead of `body`: served with its length, a strong `ETag` and ranges. */
  file?: SimulatedFile
}

/** A message that the platform accepted. */
export interface SimulatedSend {
  id: string
  to: string
  /** The request's fields as the platform's API got them. */
  body: Record<string, unknown>
  path: string
  /** ISO 8601. */
  at: string
  /** The platform's own idempotency key, where the request had one. */
  idempotencyKey?: string
}

/** What an account may use of the simulator around it. */
export interface SimulatedWorld {
  now: () => number
  /** Where the played API is, without a slash at the end. */
  apiUrl: string
  /** A new number, one more than the last. Where they begin, below 10⁹, is the seed's choice. */
  nextNumber: () => number
  /** Keeps bytes for the API to serve; returns their id. */
  keepMedia: (medium: SimulatedFile) => string
  media: (id: string) => SimulatedFile | undefined
  /** Notes an accepted message. */
  accept: (send: Omit<SimulatedSend, 'at'>) => void
  /** The message accepted with this key, if there is one. */
  acceptedWith: (idempotencyKey: string) => SimulatedSend | undefined
}

/** One app, bot or number on a simulated platform. */
export interface SimulatedAccount {
  /** Ready to be a channel's credentials. */
  credentials: Record<string, string>
  /** The credential that proves webhooks. Its twin `previous…` must be accepted while it is rotated. */
  secret: string
  /** Somebody who can be written to. */
  person: string
  /** The proof covers the body. Default true; a platform that only repeats a shared word says false. */
  signsBody?: boolean
  /** How many events fit into one webhook. */
  maxBatch: number
  /** One webhook holding these events, at most `maxBatch`. */
  compose: (events: readonly SimulatedEvent[]) => UnsignedWebhook
  /** The platform's own signature; a redelivery (attempt 2 and later) is signed anew. */
  sign: (webhook: UnsignedWebhook, options: { url: string; attempt: number }) => SignedWebhook
  /** The request that proves the webhook's address, where the platform makes one. */
  challenge?: () => UnsignedWebhook
  /** Whether this call sends a message: faults and limits apply to those alone. */
  isSend: (call: SimulatedApiCall) => boolean
  /** What the API answers. */
  handle: (call: SimulatedApiCall) => SimulatedApiAnswer | Promise<SimulatedApiAnswer>
  /** How the platform says "too fast". */
  tooFast: (retryAfterMs: number) => SimulatedApiAnswer
}

/** A platform that can be played: how it signs, what its webhooks look like, how its API answers. */
export interface SimulatedPlatform {
  platform: Platform
  createAccount: (
    world: SimulatedWorld,
    options: { credentials: Readonly<Record<string, string>> },
  ) => SimulatedAccount
}

/** An account that is being made: where it is, and what it is known by. */
export interface SimulatedSetup<TCredentials extends Record<string, string>> {
  world: SimulatedWorld
  credentials: TCredentials & Record<string, string>
}

/** Declares a platform whose accounts have these credentials unless told otherwise. */
export function defineSimulatedPlatform<TCredentials extends Record<string, string>>(options: {
  platform: Platform
  defaults: TCredentials
  createAccount: (setup: SimulatedSetup<TCredentials>) => Omit<SimulatedAccount, 'credentials'>
}): SimulatedPlatform {
  return {
    platform: options.platform,
    createAccount: (world, given) => {
      const credentials = { ...options.defaults, ...given.credentials }
      return { credentials, ...options.createAccount({ world, credentials }) }
    },
  }
}

/** The refusal of an event that a platform does not have. */
export function notSimulated(platform: string, event: { type: string }): TypeError {
  return new TypeError(
    `The simulator of ${platform} has no event of type ${event.type}: pass \`native\` with the platform's own object`,
  )
}

/** Whole seconds where they are whole, as platforms send them; a fraction lets tests be quick. */
export function retryAfterSeconds(retryAfterMs: number): string {
  return String(retryAfterMs / 1000)
}
