import type { IntegrationError, SerializedError } from '@mortise/errors'

/** What is stored and handed on. Plain JSON. */
export interface Envelope<TPayload = unknown> {
  /** The same id is stored once for as long as the transport remembers it. */
  id: string
  /** One of `INTEGRATION_CHANNELS`, or a name of your own. */
  channel: string
  tenantId: string
  channelId: string
  /** Envelopes with the same key reach a group one after another, in the order they were published. */
  orderKey: string
  payload: TPayload
  /** Trace context, correlation id. */
  headers?: Record<string, string>
}

/** What became of one envelope. After the first `failed` of a call the rest are `failed` too: order holds. */
export type PublishOutcome =
  | { status: 'stored' | 'duplicate' }
  | { status: 'failed'; error: IntegrationError }

/** One attempt at one envelope. */
export interface Delivery {
  envelope: Envelope
  group: string
  /** 1 for the first. */
  attempt: number
  /** Aborted when the subscription closes or the lease is lost: another worker may have it now. */
  signal: AbortSignal
}

/**
 * Handles one delivery. Resolving acknowledges it. Rejecting decides by `kind`: `rate_limit` waits
 * `retryAfterMs`, as often as it is told to and without using up an attempt; `transient` and foreign errors are tried again with growing pauses up to `maxRetries`,
 * `permanent` and `auth` become a dead letter at once. A crash counts as an attempt.
 */
export type DeliveryHandler = (delivery: Delivery) => Promise<void>

/** How a group consumes; the first four names are the original's. */
export interface ConsumerConfig {
  /** Handlers at work at once, each on another order key. Default 10. */
  maxInFlight?: number
  /** Attempts after the first. Default 3. */
  maxRetries?: number
  /** Default: enabled, queue `FAILED_MESSAGES`. Disabled, an exhausted envelope is discarded. */
  deadLettering?: { enabled?: boolean; queueName?: string }
}

/** Options of one subscription. */
export interface ConsumeOptions extends ConsumerConfig {
  /** Every group gets every envelope; within a group each goes to one worker. */
  group: string
  /** Channels to take; the rest is skipped. Default: all. One group, one list. */
  channels?: readonly string[]
  /**
   * Where a new group begins: with everything that is kept (`beginning`, the default), or with what is stored from
   * `now` on. A group that exists goes on where it was.
   */
  from?: 'beginning' | 'now'
  /**
   * A worker that has been silent for so long is taken for dead and its envelope goes to another.
   * Running handlers are kept alive without your doing. Default 30 s.
   */
  ackWaitMs?: number
  /**
   * The pause before attempt `attempt + 1`. Default, also where the function throws or names no duration: full
   * jitter under 1 s, 2 s, 4 s … 5 min.
   */
  backoffMs?: (attempt: number) => number
}

/** A running consumer. Closing it stops taking, and waits for the handlers at work. */
export interface Subscription extends AsyncDisposable {
  close: () => Promise<void>
}

/** An envelope that a group gave up on, with everything needed to judge it. */
export interface DeadLetter {
  id: string
  queue: string
  group: string
  envelope: Envelope
  error: SerializedError
  attempts: number
  /** ISO 8601. */
  deadAt: string
}

/** What lies in the dead letter queues. */
export interface DeadLetters {
  /** Oldest first. */
  list: (options?: {
    queue?: string
    group?: string
    /** Default 100. */
    limit?: number
    /** Continue after this id. */
    after?: string
  }) => Promise<DeadLetter[]>
  get: (id: string) => Promise<DeadLetter | undefined>
  /** Gives it back to its group, behind what is waiting. `false` when there is none of that id. */
  redrive: (id: string) => Promise<boolean>
  /** Forgets it. `false` when there is none of that id. */
  discard: (id: string) => Promise<boolean>
}

/** How far behind a group is. */
export interface GroupLag {
  group: string
  /** Stored and not yet acknowledged, those in flight included. */
  pending: number
  inFlight: number
  /** Age of the oldest pending one; absent when nothing is pending. */
  oldestUnackedMs?: number
  deadLetters: number
}

/** A claim on a key, so that two senders with the same key send once. */
export type Claim = { state: 'claimed' } | { state: 'pending' } | { state: 'done'; value: string }

/** Durable, atomic claims; the send engine keeps its idempotency keys here. */
export interface Claims {
  /** Takes the key, or says who has it. A claim is forgotten after `ttlMs`. */
  claim: (key: string, options: { ttlMs: number }) => Promise<Claim>
  /** Ends a claim with what later callers are told. */
  complete: (key: string, value: string) => Promise<void>
  /** Gives the key back: the work did not happen. */
  release: (key: string) => Promise<void>
}

/**
 * Keeps events and hands them on. `stored` means that it survives whatever `capabilities.durable` says.
 * `messageTransportContract` in `/testing` checks an implementation.
 */
export interface MessageTransport extends AsyncDisposable {
  capabilities: {
    /** What a stored envelope survives. */
    durable: 'none' | 'process' | 'machine'
    /** Workers on several machines can share a group. */
    distributed: boolean
    /** For how long an id is remembered. */
    dedupeWindowMs: number
  }
  /** Stores in order. Resolves when all is decided; never rejects for the store's own failures. */
  publish: (envelopes: readonly Envelope[]) => Promise<PublishOutcome[]>
  consume: (options: ConsumeOptions, handler: DeliveryHandler) => Promise<Subscription>
  deadLetters: DeadLetters
  claims: Claims
  lag: () => Promise<GroupLag[]>
  /**
   * Forgets a group that nobody consumes any more, with what was waiting for it; its dead letters stay. `false`
   * when there is none. Close its subscriptions first.
   */
  removeGroup: (group: string) => Promise<boolean>
  /** Resolves when the store answers. @throws {TransientError} MESSAGING_TRANSPORT_UNAVAILABLE when it does not. */
  ping: () => Promise<void>
  /** Closes subscriptions, then the store. Twice is fine. */
  close: () => Promise<void>
}
