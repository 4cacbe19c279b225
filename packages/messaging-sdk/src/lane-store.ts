import type { ConsumeSettings } from './delivery-decision.ts'
import type { DeadLetter, Envelope } from './message-transport.ts'

/**
 * Embedded transports keep, for each group, one lane per order key: a queue of which only the head can be
 * claimed. A lane is ready, leased to a worker, or waiting for a retry; `readyAt` says until when.
 */
export interface ClaimedHead {
  laneKey: string
  /** The head's place in the lane. */
  position: number
  attempt: number
  envelope: Envelope
}

/** The end of one attempt. */
export type Settlement = { head: ClaimedHead } & (
  | { action: 'ack' | 'discard' }
  | { action: 'retry'; readyAt: number }
  | { action: 'dead'; letter: Omit<DeadLetter, 'id'> }
)

/** What the lane consumer needs of a store. Synchronous: each call is one transaction. */
export interface LaneStore {
  /** Applies settlements of this worker (those whose lease was lost change nothing), then claims ready heads. */
  settleAndClaim: (options: {
    group: string
    worker: string
    settlements: readonly Settlement[]
    max: number
    now: number
    leaseMs: number
  }) => ClaimedHead[]
  /** Prolongs leases; answers with the heads that are still this worker's. */
  extend: (options: {
    group: string
    worker: string
    heads: readonly ClaimedHead[]
    until: number
  }) => ClaimedHead[]
  /** When the next lane becomes ready, if any lane is waiting. */
  nextReadyAt: (group: string) => number | undefined
  /** Registers a group; a new one starts with everything that is kept. */
  registerGroup: (settings: Pick<ConsumeSettings, 'group' | 'channels'>) => void
}
