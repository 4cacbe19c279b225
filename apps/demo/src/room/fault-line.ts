import { fromUnknown } from '@mortise/errors'
import type { Fault } from './faults.ts'

/** What is known of a fault that was injected: it is under way, or this is how it ended. */
export type FaultState = { underWay: true } | { underWay: false; outcome: string }

/** Faults happen one at a time, in the order in which people asked for them. */
export interface FaultLine {
  /** `false` when this fault waits or is under way already. */
  inject: (fault: Fault) => boolean
  /** By name; only those that were injected. */
  states: () => Readonly<Record<string, FaultState>>
}

/** An empty line; `onNews` is told of everything that changes. */
export function createFaultLine(onNews: () => void): FaultLine {
  const states: Record<string, FaultState> = {}
  let line: Promise<void> = Promise.resolve()
  const put = (name: string, state: FaultState) => {
    states[name] = state
    onNews()
  }
  return {
    states: () => states,
    inject: ({ name, inject }) => {
      if (states[name]?.underWay) return false
      put(name, { underWay: true })
      line = line
        .then(inject)
        .catch((error: unknown) => `This went wrong: ${fromUnknown(error).message}`)
        .then((outcome) => put(name, { underWay: false, outcome }))
      return true
    },
  }
}
