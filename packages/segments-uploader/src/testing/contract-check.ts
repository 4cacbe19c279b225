import type { SegmentTarget } from '../segment-target.ts'

/** One promise, as a test for any runner. */
export interface ContractCheck {
  readonly name: string
  /** Rejects with an `AssertionError` when the promise is broken. */
  readonly run: () => Promise<void>
}

/** What a check gets: the target, and a prefix that nobody else uses. */
export interface Room {
  readonly target: SegmentTarget
  readonly prefix: string
}

export type DefineCheck = (name: string, run: (room: Room) => Promise<void>) => void
