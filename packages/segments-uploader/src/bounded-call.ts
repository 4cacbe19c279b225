import { TransientError } from '@mortise/errors'
import { abortedError, SEGMENTS_CODES } from './segments-errors.ts'

/**
 * Runs one request with a time limit, and ends waiting even when the other side ignores the signal. A long transfer
 * says with `alive` that bytes came, and the time begins anew.
 */
export async function boundedCall<Result>(
  call: (signal: AbortSignal, alive: () => void) => Promise<Result>,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Result> {
  const controller = new AbortController()
  let stop: (error: unknown) => void = () => {}
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = (error) => {
      reject(error)
      controller.abort(error)
    }
  })
  stopped.catch(() => {}) // nobody listens any more when the call was faster
  const onAbort = () => stop(abortedError('unknown', options.signal.reason))
  const timer = setTimeout(() => stop(timeoutError(options.timeoutMs)), options.timeoutMs)
  options.signal.addEventListener('abort', onAbort, { once: true })
  if (options.signal.aborted) onAbort()
  try {
    return await Promise.race([call(controller.signal, () => timer.refresh()), stopped])
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', onAbort)
  }
}

function timeoutError(timeoutMs: number): TransientError {
  return new TransientError(`The store did not answer within requestTimeoutMs (${timeoutMs})`, {
    code: SEGMENTS_CODES.targetFailed,
    outcome: 'unknown',
  })
}
