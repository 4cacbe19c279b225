import { TransientError } from '@mortise/errors'
import type { CallContext } from './call-context.ts'
import { runInContext } from './hook-context.ts'
import { type NodeCallback, type Settlement, settle } from './settle.ts'

/** How a function is called. */
export interface RunOptions {
  readonly parameters: number
  readonly onLate: (() => void) | undefined
  /** Asked when the function did not end at once, which most do. */
  readonly patience: () => Patience
}

/** How long a function may take, and who else may end it. */
export interface Patience {
  readonly timeoutMs: number
  /** How long an aborted function may clean up before the answer goes out without it. */
  readonly graceMs: number
  /** Whoever else may end the function. */
  readonly signals: readonly AbortSignal[]
  /** Called when the function ended, or left a partial output, after its deadline. */
  readonly onOvertime: () => void
  /** Called when the answer went out while the function was still running. */
  readonly onAbandoned: (until: Promise<Settlement>) => void
}

/**
 * Runs a function until it settles, or until its deadline or its caller ends it: then its signal fires, it gets
 * a moment of grace, and what it left as a partial output (or the failure) is the answer. A result that still
 * comes within the grace counts, because the work behind it is done.
 */
export function runFunction(
  run: (callback: NodeCallback) => unknown,
  context: CallContext,
  options: RunOptions,
): Settlement | Promise<Settlement> {
  const settlement = runInContext(context, () =>
    settle(
      (callback) => {
        context.own(callback)
        return run(callback)
      },
      { parameters: options.parameters, onLate: options.onLate },
    ),
  )
  return settlement instanceof Promise
    ? waitUntil(settlement, context, options.patience())
    : settlement
}

function waitUntil(
  settlement: Promise<Settlement>,
  context: CallContext,
  patience: Patience,
): Promise<Settlement> {
  const { timeoutMs, graceMs, signals } = patience
  return new Promise((resolve) => {
    let interrupted: Settlement | undefined
    let grace: NodeJS.Timeout | undefined
    const done = (result: Settlement) => {
      clearTimeout(deadline)
      clearTimeout(grace)
      for (const signal of signals) signal.removeEventListener('abort', leave)
      resolve(result)
    }
    const interrupt = (error: TransientError) => {
      if (interrupted !== undefined) return
      interrupted = { ok: false, error }
      context.abort(error)
      grace = setTimeout(() => {
        patience.onAbandoned(settlement)
        done(partialOr(context, { ok: false, error }, patience))
      }, graceMs)
    }
    const leave = () => interrupt(abortedError())
    const deadline = setTimeout(() => interrupt(timeoutError(timeoutMs)), timeoutMs)
    for (const signal of signals) {
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
    }
    void settlement.then((result) => {
      if (interrupted === undefined) done(result)
      else if (result.ok) {
        patience.onOvertime()
        done(result)
      } else done(partialOr(context, interrupted, patience))
    })
  })
}

function partialOr({ partial }: CallContext, failure: Settlement, patience: Patience): Settlement {
  if (partial === undefined) return failure
  try {
    const value = partial()
    patience.onOvertime()
    return { ok: true, value }
  } catch (error) {
    return { ok: false, error }
  }
}

function timeoutError(timeoutMs: number): TransientError {
  const message = `The function exceeded its time limit of ${Math.round(timeoutMs)} ms.`
  return new TransientError(message, { code: 'function_timeout', outcome: 'unknown' })
}

function abortedError(): TransientError {
  return new TransientError('The caller went away before the function was done.', {
    code: 'call_aborted',
    outcome: 'unknown',
  })
}
