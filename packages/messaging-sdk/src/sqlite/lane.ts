/**
 * For each group the file keeps one lane per order key: a queue of which only the head can be claimed. A lane
 * is ready, leased to a worker, or waiting for a retry; `readyAt` says until when.
 */
export interface ClaimedHead {
  laneKey: string
  /** The head's place in the lane. */
  position: number
  attempt: number
  /** The envelope as JSON. */
  body: string
}

/** A dead letter's own fields. */
export interface Burial {
  queue: string
  /** JSON. */
  error: string
  attempts: number
  /** ISO 8601. */
  deadAt: string
}

/** The end of one attempt. */
export type Settlement = { laneKey: string; position: number } & (
  | { action: 'ack' | 'discard' }
  /** Waiting, unlike a retry, costs no attempt. */
  | { action: 'retry' | 'wait'; readyAt: number }
  | { action: 'dead'; letter: Burial }
)

/** Settlements of a worker, and how much it can take. */
export interface LaneTurn {
  group: string
  worker: string
  settlements: readonly Settlement[]
  max: number
  now: number
  leaseMs: number
}
