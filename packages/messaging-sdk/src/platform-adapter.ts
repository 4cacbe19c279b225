import type { InboundEvent, Platform } from './inbound-event.ts'
import type { Channel } from './integration-config.ts'
import type { MediaAddress } from './media-address.ts'
import type { MediaReference } from './message-part.ts'
import type { OutboundMessage, OutboundPart, OutboundPartType } from './outbound-message.ts'
import type { RawRequest, RawResponse } from './raw-request.ts'
import type { SendOutcome } from './send-outcome.ts'

/** What a platform can do, as data. What is absent from `send` is refused before anything leaves. */
export interface PlatformCapabilities {
  /** Which outbound parts can be sent. */
  send: readonly OutboundPartType[]
  /** Which inbound event types can arrive by webhook at all. */
  receive: readonly InboundEvent['type'][]
  /** Outbound media: by link, by upload. */
  media: { link: boolean; upload: boolean }
  /** A reply can quote a message. */
  replies: boolean
  /** The platform drops a second send with the same key, so an `unknown` outcome may be repeated. */
  idempotencyKeys: boolean
  /** The signature covers a time, so replays are refused by age as well as by id. */
  signedTime: boolean
  /** For how long the platform may deliver the same event again; de-duplication must last longer. */
  redeliveryHorizonMs: number
  /** Limits that the platform names, for the limiter and for early refusal. Absent: none known. */
  limits?: {
    textLength?: number
    buttons?: number
    /** Messages per second, whole channel. */
    perSecond?: number
    /** Messages per second to one recipient. */
    perRecipientPerSecond?: number
    /** Messages to one recipient that may go at once before `perRecipientPerSecond` holds. Default 5. */
    recipientBurst?: number
  }
  /** What people must know, in sentences ("ordinary messages need the gateway socket"). */
  notes?: readonly string[]
}

/** Verified, or why not. The reason is for our logs; the platform is told nothing. */
export type VerifyResult = { ok: true } | { ok: false; reason: string }

/** What normalising may know besides the request. */
export interface NormalizeContext<TCredentials> {
  channel: Channel<TCredentials>
  /** One of the hints that `route` found: take only what belongs to it. Absent: take everything. */
  hint?: string
  /** ISO 8601. */
  receivedAt: string
}

/** What a send may use. Adapters use no other clock, random source or network. */
export interface SendContext {
  fetch: typeof globalThis.fetch
  now: () => number
  signal: AbortSignal
  /** For this part of this message; the same on every retry. Goes to the platform where it takes one. */
  idempotencyKey: string
  correlationId: string
}

/** How a channel is. `unhealthy` carries a sentence a person can act on. */
export interface HealthResult {
  status: 'healthy' | 'unhealthy' | 'degraded'
  message?: string
  details?: Record<string, unknown>
}

/**
 * One platform, behind one face. Receiving is pure (bytes in, values out); only `send`, `checkHealth`,
 * `validateCredentials` and `resolveMedia` talk to the network, through the `fetch` they are given.
 * `platformAdapterContract` in `/testing` checks an implementation.
 */
export interface PlatformAdapter<TCredentials = Record<string, string>> {
  platform: Platform
  /** A sentence-case name for people. */
  displayName: string
  capabilities: PlatformCapabilities
  /** The names of the required fields of `credentials`, for set-up forms and early errors. */
  requiredCredentials: readonly (keyof TCredentials & string)[]
  /**
   * Ids in the request that may name a channel (a phone number's id, a team's id), before anything is
   * verified. Several when one delivery speaks of several channels. Empty: only the path names it.
   * Never throws: a body that cannot be read has no hints.
   */
  route: (request: RawRequest) => string[]
  /**
   * Whether the platform sent this. Fails closed: a missing secret or header is a refusal. Compares in
   * constant time, with the current secret and then the `previous…` one.
   */
  verify: (
    request: RawRequest,
    channel: Channel<TCredentials>,
    options: { now: () => number },
  ) => VerifyResult | Promise<VerifyResult>
  /** An answer that ends the request without any event: a challenge, a ping. POSTs come here verified; a GET brings its own token. */
  handshake?: (request: RawRequest, channel: Channel<TCredentials>) => RawResponse | undefined
  /**
   * Everything in the request, in its order. Unknown shapes become `unknown` events; one bad element
   * never costs its neighbours. Pure, and throws only when the whole body is not what it should be.
   */
  normalize: (request: RawRequest, context: NormalizeContext<TCredentials>) => InboundEvent[]
  /** What to answer once all is stored, where the platform wants more than an empty 200. */
  respond?: (
    events: readonly InboundEvent[],
    request: RawRequest,
    channel: Channel<TCredentials>,
  ) => RawResponse | undefined
  /** Sends one part. Answers with an outcome for whatever the platform or the network does; never rejects for that. */
  send: (
    part: OutboundPart,
    message: OutboundMessage,
    channel: Channel<TCredentials>,
    context: SendContext,
  ) => Promise<SendOutcome>
  /**
   * Where an inbound medium can be fetched now, with the headers that it takes. For downloaders with limits
   * of their own; `fetchMediaAddress` does the plain fetch.
   */
  resolveMedia?: (
    ref: MediaReference,
    channel: Channel<TCredentials>,
    context: Pick<SendContext, 'fetch' | 'signal'>,
  ) => Promise<MediaAddress>
  checkHealth?: (
    channel: Channel<TCredentials>,
    context: Pick<SendContext, 'fetch' | 'signal' | 'now'>,
  ) => Promise<HealthResult>
  /** Whether the platform accepts these credentials. */
  validateCredentials?: (
    credentials: TCredentials,
    context: Pick<SendContext, 'fetch' | 'signal'>,
  ) => Promise<boolean>
}
