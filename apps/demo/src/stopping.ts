import { constants } from 'node:os'
import type { Writable } from 'node:stream'

/** Why the demo ends before its end. */
export interface Stop {
  exitCode: number
  /** For the person; a signal needs no explanation, nor does a reader that has seen enough. */
  problem?: string
}

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const
/** What shells add a signal's number to. */
const SIGNALLED = 128
const FAILURE_EXIT_CODE = 1

/**
 * Hears the first thing that ends the demo early: a signal, or an output that takes no more (`| head`, a full disk).
 * The same signal again ends the process at once.
 */
export function hearStop(output: Writable): { stopped: Promise<Stop>; signal: AbortSignal } {
  const { promise: stopped, resolve } = Promise.withResolvers<Stop>()
  const aborting = new AbortController()
  const stop = (reason: Stop) => {
    resolve(reason)
    aborting.abort(new Error('Stopped'))
  }
  for (const name of SIGNALS) {
    process.once(name, () => stop({ exitCode: SIGNALLED + constants.signals[name] }))
  }
  output.on('error', (error: NodeJS.ErrnoException) => stop(reasonOf(error)))
  return { stopped, signal: aborting.signal }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): Stop {
  if (code === 'EPIPE') return { exitCode: SIGNALLED + constants.signals.SIGPIPE }
  return { exitCode: FAILURE_EXIT_CODE, problem: `The output cannot be written: ${message}` }
}
