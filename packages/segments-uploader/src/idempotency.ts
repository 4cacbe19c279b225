import { isIntegrationError } from '@mortise/errors'
import { abortedError, SEGMENTS_CODES } from './segments-errors.ts'

/** Remembers the latest answers by key, so that the same event sent again gets the answer of the first time. */
export class IdempotencyWindow<Answer> {
  readonly #answers = new Map<string, Promise<Answer>>()
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  get(key: string): Promise<Answer> | undefined {
    return this.#answers.get(key)
  }

  /** Remembers an answer that is still to come. One that fails is forgotten: the event may be sent again. */
  remember(key: string, answer: Promise<Answer>): void {
    this.#answers.set(key, answer)
    answer.catch(() => this.#answers.delete(key))
    if (this.#answers.size <= this.#size) return
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest)
      return
    }
  }
}

/**
 * Waits for the answer to somebody else's call with the same key. `undefined` when that caller gave up: then this
 * one has to send the event.
 * @throws {TransientError} SEGMENTS_ABORTED when `signal` ends the waiting
 */
export async function answerOf<Answer>(
  before: Promise<Answer>,
  signal: AbortSignal | undefined,
): Promise<Answer | undefined> {
  let onAbort: () => void = () => {}
  const stopped = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(abortedError('unknown', signal?.reason))
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([before.catch(gaveUp), stopped])
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

function gaveUp(error: unknown): undefined {
  if (isIntegrationError(error) && error.code === SEGMENTS_CODES.aborted) return undefined
  throw error
}
