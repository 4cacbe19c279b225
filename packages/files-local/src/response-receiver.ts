import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { parseLength } from './content-range.ts'
import { transient } from './download-error.ts'
import { headerOf } from './header-of.ts'
import { noteBodyChunk, releaseChunk, retainChunk } from './slab.ts'
import { Watchdog, type WatchdogLimits } from './watchdog.ts'

/** What a server said before the body. */
export interface ResponseHead {
  status: number
  headers: IncomingHttpHeaders
}

/** Takes one chunk; a promise asks the server to wait until it is settled. */
export type ChunkConsumer = (chunk: Buffer) => void | Promise<void>

export interface ReceiverOptions {
  limits: WatchdogLimits
  /** Whether a body that ends at this moment ends because of a reset connection. */
  isResetting: () => boolean
}

/** A body announced as short as this may wait here whole: to pause the server and its parser costs more than it. */
const SHORT_BODY_BYTES = 128 * 1024
/** In more pieces than these it may not: of a server that sends crumbs, each would cost a hundred times its bytes. */
const MAX_WAITING_CHUNKS = 64

const PENDING = Symbol('pending')

/**
 * Receives one response of `dispatcher.dispatch`: first its head, then, paused until asked for, its body chunk by
 * chunk. Undici may deliver chunks after a pause (at the end of a connection), so those are queued.
 */
export class ResponseReceiver implements Dispatcher.DispatchHandler {
  readonly head: Promise<ResponseHead>
  readonly #headSettled = Promise.withResolvers<ResponseHead>()
  readonly #bodySettled = Promise.withResolvers<void>()
  readonly #watchdog: Watchdog
  readonly #isResetting: () => boolean
  #controller: Dispatcher.DispatchController | undefined
  #consume: ChunkConsumer | undefined
  #queue: Buffer[] = []
  #busy = true
  #ended = false
  #failure: unknown = PENDING
  #framed = false
  /** Bytes of the body that have not come; undefined when its length is not known. */
  #missing: number | undefined
  #mayWaitHere = false

  constructor({ limits, isResetting }: ReceiverOptions) {
    this.head = this.#headSettled.promise
    this.#bodySettled.promise.catch(() => {})
    this.#isResetting = isResetting
    this.#watchdog = new Watchdog(limits, (error) => this.abort(error))
  }

  /** Hands the body to `consume` and settles when the last chunk has been taken or the response failed. */
  body(consume: ChunkConsumer): Promise<void> {
    this.#consume = consume
    this.#advance().catch((error: unknown) => this.#bodySettled.reject(error))
    return this.#bodySettled.promise
  }

  /** Ends the response with an error; harmless when it has ended. */
  abort(error: Error): void {
    this.#fail(error)
    this.#controller?.abort(error)
  }

  /** The same without waiting for the consumer: who has been aborted must not wait for a callback that never ends. */
  giveUp(error: Error): void {
    this.abort(error)
    this.#bodySettled.reject(error)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#failure !== PENDING) controller.abort(this.#failure as Error)
    else this.#watchdog.wait('headers')
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return
    this.#watchdog.rest()
    const chunked = headers['transfer-encoding'] !== undefined
    this.#framed = chunked || headers['content-length'] !== undefined
    this.#missing = chunked ? undefined : parseLength(headerOf(headers, 'content-length'))
    this.#mayWaitHere = this.#missing !== undefined && this.#missing <= SHORT_BODY_BYTES
    if (!this.#mayWaitHere) controller.pause()
    this.#headSettled.resolve({ status, headers })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    noteBodyChunk(chunk)
    // Undici flushes its parser with nothing after each pause.
    if (chunk.length === 0 || this.#failure !== PENDING) return
    if (this.#missing !== undefined) this.#missing -= chunk.length
    this.#watchdog.heard(chunk.length)
    if (this.#busy) {
      retainChunk(chunk)
      this.#queue.push(chunk)
      if (!this.#hasRoom()) controller.pause()
      return
    }
    const taken = this.#take(chunk)
    if (taken === undefined) return
    this.#busy = true
    this.#watchdog.rest()
    controller.pause()
    retainChunk(chunk)
    void taken.then(() => {
      releaseChunk(chunk)
      return this.#advance()
    })
  }

  onResponseEnd(): void {
    if (!this.#framed && this.#isResetting()) {
      this.#fail(reset())
      return
    }
    this.#ended = true
    this.#watchdog.stop()
    if (!this.#busy) this.#bodySettled.resolve()
  }

  /** Undici calls a body unfinished whose last chunk is still being worked on when the connection ends. */
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#missing === 0 && this.#failure === PENDING) this.onResponseEnd()
    else this.#fail(error)
  }

  #hasRoom(): boolean {
    return (
      this.#mayWaitHere && Number(this.#missing) >= 0 && this.#queue.length < MAX_WAITING_CHUNKS
    )
  }

  /** Works off the queue, then asks for more. Asynchronous, because undici must not be resumed from inside its parser. */
  async #advance(): Promise<void> {
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      if (this.#failure === PENDING) await this.#take(chunk)
      releaseChunk(chunk)
    }
    if (this.#failure !== PENDING) {
      this.#bodySettled.reject(this.#failure)
      return
    }
    this.#busy = false
    if (this.#ended) {
      this.#bodySettled.resolve()
      return
    }
    this.#watchdog.wait('body')
    this.#controller?.resume()
  }

  #take(chunk: Buffer): undefined | Promise<void> {
    try {
      return this.#consume?.(chunk)?.catch((error: unknown) => this.abort(error as Error))
    } catch (error) {
      this.abort(error as Error)
      return undefined
    }
  }

  /** A consumer that still works on a chunk is waited for: nothing may be written after the failure is known. */
  #fail(error: unknown): void {
    if (this.#failure !== PENDING || (this.#ended && !this.#busy)) return
    this.#failure = error
    this.#watchdog.stop()
    this.#headSettled.reject(error)
    this.#headSettled.promise.catch(() => {})
    if (!this.#busy || this.#consume === undefined) this.#bodySettled.reject(error)
  }
}

function reset(): Error {
  return transient('the connection was reset before the body ended', {
    code: 'FILES_LOCAL_BODY_INCOMPLETE',
  })
}
