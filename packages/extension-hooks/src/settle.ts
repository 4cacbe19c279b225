/** How a function ended: with a value or with whatever it threw. */
export type Settlement =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown }

/** Node's callback: a truthy error fails, everything else is the result. */
export type NodeCallback = (error?: unknown, result?: unknown) => void

/**
 * Runs a function and finds out how it ended, whichever style it is written in:
 *
 * 1. The first of callback, throw, rejection and resolution wins. Later ones change nothing; the first of them goes to `onLate`.
 * 2. A thenable is awaited.
 * 3. A function with fewer than two parameters has no callback, so what it returns is its result.
 * 4. A function with two parameters that returns anything but a thenable waits for its callback.
 * 5. So does one whose promise resolves `undefined`: an `async` function may still use its callback.
 *
 * Answers at once when the function ended at once, so that a plain function costs no turn of the event loop.
 */
export function settle(
  run: (callback: NodeCallback) => unknown,
  options: { readonly parameters: number; readonly onLate?: (() => void) | undefined },
): Settlement | Promise<Settlement> {
  const takesCallback = options.parameters >= 2
  let ended: Settlement | undefined
  let wake: ((settlement: Settlement) => void) | undefined
  let onLate = options.onLate
  const end = (settlement: Settlement) => {
    if (ended !== undefined) {
      onLate?.()
      onLate = undefined
      return
    }
    ended = settlement
    wake?.(settlement)
  }
  const callback: NodeCallback = (error, result) =>
    end(error ? { ok: false, error } : { ok: true, value: result })

  try {
    const returned = run(callback)
    if (isThenable(returned)) {
      Promise.resolve(returned).then(
        (value) => {
          if (value !== undefined || !(takesCallback || ended !== undefined))
            end({ ok: true, value })
        },
        (error: unknown) => end({ ok: false, error }),
      )
    } else if (!takesCallback && (ended === undefined || returned !== undefined)) {
      end({ ok: true, value: returned })
    }
  } catch (error) {
    end({ ok: false, error })
  }
  return (
    ended ??
    new Promise((resolve) => {
      wake = resolve
    })
  )
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}
