import { extname } from 'node:path'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { CallReport } from '../call-report.ts'
import { startReport } from '../call-report.ts'
import { toHookError } from '../hook-error.ts'
import type { HookAnswer, InvokeOptions } from '../hook-result.ts'
import type { WorkerReply, WorkerRequest, WorkerSettings } from './messages.ts'

/** What one worker is started with. */
export interface HookWorkerOptions {
  readonly settings: WorkerSettings
  readonly resourceLimits: ResourceLimits
  readonly execArgv: string[] | undefined
  /** How long the module may take to load. */
  readonly startTimeoutMs: number
  /** How much longer than its own time limit a function may block the worker before the worker is ended. */
  readonly killAfterMs: number
  readonly timeoutMs: number
}

interface Pending {
  readonly resolve: (answer: HookAnswer) => void
  timer: NodeJS.Timeout
}

// This module runs from its source and from its build; the entry lies beside it under the same extension.
const entry = new URL(`./entry${extname(new URL(import.meta.url).pathname)}`, import.meta.url)

/** One worker thread and the call it is working on. A call that blocks, exhausts or ends the thread costs the thread. */
export class HookWorker {
  readonly #worker: Worker
  readonly #options: HookWorkerOptions
  readonly #pending = new Map<number, Pending>()
  #failure: unknown
  #nextId = 0
  /** False once the thread ended. */
  alive = true
  /** Called when the thread ended. */
  onEnd: (() => void) | undefined

  constructor(options: HookWorkerOptions) {
    this.#options = options
    this.#worker = new Worker(entry, {
      workerData: options.settings,
      resourceLimits: options.resourceLimits,
      ...(options.execArgv !== undefined && { execArgv: options.execArgv }),
    })
    this.#worker.on('message', (reply: WorkerReply) => this.#receive(reply))
    this.#worker.on('error', (error) => {
      this.#failure = error
    })
    this.#worker.on('exit', (code) => this.#end(code))
  }

  /** Resolves when calls may come. @throws whatever the module threw while loading */
  started(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#failure = new Error(
          `The module did not load within ${this.#options.startTimeoutMs} ms.`,
        )
        void this.terminate()
      }, this.#options.startTimeoutMs)
      this.#worker.once('message', () => {
        clearTimeout(timer)
        resolve()
      })
      this.#worker.once('exit', () => {
        clearTimeout(timer)
        reject(this.#failure ?? new Error('The worker ended while its module was loading.'))
      })
    })
  }

  call(
    body: Uint8Array,
    { signal, timeoutMs, maxResponseBytes, traceId, traceparent }: InvokeOptions,
  ): Promise<HookAnswer> {
    const id = this.#nextId++
    // A copy of its own: the caller's buffer may be part of a pool, and moving it would take the pool away.
    const bytes = Uint8Array.prototype.slice.call(body).buffer as ArrayBuffer
    const abort = () => this.#send({ type: 'abort', id })
    return new Promise<HookAnswer>((resolve) => {
      this.#pending.set(id, {
        resolve,
        timer: this.#killLater(timeoutMs ?? this.#options.timeoutMs),
      })
      const request = {
        type: 'call',
        id,
        body: bytes,
        timeoutMs,
        maxResponseBytes,
        traceId,
        traceparent,
      } as const
      this.#send(request, [bytes])
      if (signal?.aborted) abort()
      else signal?.addEventListener('abort', abort, { once: true })
    }).finally(() => signal?.removeEventListener('abort', abort))
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #send(request: WorkerRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer)
  }

  #killLater(timeoutMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      const message = `The function exceeded its time limit of ${Math.round(timeoutMs)} ms and blocked its worker.`
      this.#failure = Object.assign(new Error(message), { code: 'function_timeout' })
      void this.terminate()
    }, timeoutMs + this.#options.killAfterMs)
  }

  #receive(reply: WorkerReply): void {
    if (reply.type === 'ready') return
    const pending = this.#pending.get(reply.id)
    if (pending === undefined) return
    clearTimeout(pending.timer)
    if (reply.type === 'started') {
      pending.timer = this.#killLater(reply.timeoutMs)
      return
    }
    this.#pending.delete(reply.id)
    const { status, body, report } = reply
    pending.resolve({ status, body: new Uint8Array(body), report })
  }

  #end(code: number): void {
    this.alive = false
    this.onEnd?.()
    const answer = crashAnswer(this.#failure, code)
    for (const { resolve, timer } of this.#pending.values()) {
      clearTimeout(timer)
      resolve(answer)
    }
    this.#pending.clear()
  }
}

function crashAnswer(failure: unknown, exitCode: number): HookAnswer {
  const message = `The function ended its worker with exit code ${exitCode}.`
  const error = failure === undefined ? { code: 'function_crashed', message } : toHookError(failure)
  const body = JSON.stringify({ errors: [error] })
  const report: CallReport = {
    ...startReport({}),
    status: 422,
    code: error.code,
    bytesOut: Buffer.byteLength(body),
  }
  return { status: 422, body, report }
}
