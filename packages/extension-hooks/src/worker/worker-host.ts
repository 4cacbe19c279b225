import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { CallQueue } from '../call-queue.ts'
import { type CallReport, startReport } from '../call-report.ts'
import type { HookCall } from '../hook-call.ts'
import type { HookError } from '../hook-error.ts'
import type { HookHost } from '../hook-host.ts'
import {
  atLeast,
  type HookHostOptions,
  type HookHostSettings,
  resolveHostOptions,
} from '../hook-host-options.ts'
import type { HookAnswer, HookResult, InvokeOptions } from '../hook-result.ts'
import { HookWorker, type HookWorkerOptions } from './hook-worker.ts'

/** How the pool is built. The other options are those of `createHookHost`. */
export interface WorkerHookHostOptions
  extends Omit<HookHostOptions, 'concurrency' | 'validateCall'> {
  /** Threads, each with one call at a time. Default: one less than the machine has processors, at least 1. */
  size?: number | undefined
  /** Heap of one thread in MiB; a function that needs more ends its thread. Default 256. */
  maxHeapMb?: number | undefined
  /** How long a function may block its thread beyond its time limit and grace, in milliseconds. Default 250. */
  killAfterMs?: number | undefined
  /** How long the module may take to load, in milliseconds. Default 30 000. */
  startTimeoutMs?: number | undefined
  /** Node.js options of the threads. Default: those of the process. */
  execArgv?: string[] | undefined
}

const MAX_HEAP_MB = 256
const KILL_AFTER_MS = 250
const START_TIMEOUT_MS = 30_000
const CLOSE_DEADLINE_MS = 30_000
const RETRY_AFTER_MS = 1_000

/**
 * Runs an extension in threads that get the raw bytes of a call. An endless loop, an exhausted heap, an uncaught
 * error or `process.exit` costs one thread and one call. It contains faults; it is no wall against hostile code.
 * @param module absolute path or URL of the module that exports the extension, as its default export or exports
 * @throws {TypeError} when an option cannot work, or the module exports no extension
 * @throws whatever the module throws while it loads
 */
export async function createWorkerHookHost(
  module: string | URL,
  options: WorkerHookHostOptions = {},
): Promise<HookHost> {
  const pool = new WorkerPool(module, options)
  await pool.start()
  return pool.host()
}

class WorkerPool {
  readonly #settings: HookHostSettings
  readonly #workerOptions: HookWorkerOptions
  readonly #queue: CallQueue
  readonly #idle: HookWorker[] = []
  readonly #all = new Set<HookWorker>()
  #closing = false
  readonly #whenIdle: (() => void)[] = []

  constructor(module: string | URL, options: WorkerHookHostOptions) {
    const size = atLeast('size', options.size ?? Math.max(1, availableParallelism() - 1), 1)
    const settings = resolveHostOptions({ ...options, concurrency: size })
    const { timeoutMs, graceMs, maxResponseBytes, onlyTagged, json } = settings
    this.#settings = settings
    this.#queue = new CallQueue(settings)
    this.#workerOptions = {
      settings: {
        module: toUrl(module),
        host: { timeoutMs, graceMs, maxResponseBytes, onlyTagged, json },
      },
      resourceLimits: {
        maxOldGenerationSizeMb: atLeast('maxHeapMb', options.maxHeapMb ?? MAX_HEAP_MB, 16),
      },
      execArgv: options.execArgv,
      startTimeoutMs: atLeast('startTimeoutMs', options.startTimeoutMs ?? START_TIMEOUT_MS, 1),
      killAfterMs: graceMs + atLeast('killAfterMs', options.killAfterMs ?? KILL_AFTER_MS, 0),
      timeoutMs,
    }
  }

  /** Starts one thread, so that a module that cannot work is known at once; the others come with the calls. */
  async start(): Promise<void> {
    this.#idle.push(await this.#spawn())
  }

  host(): HookHost {
    const close = (options: { deadlineMs?: number } = {}) =>
      this.#close(options.deadlineMs ?? CLOSE_DEADLINE_MS)
    return {
      invoke: (call, options = {}) => this.#invoke(call, options),
      invokeBytes: (body, options = {}) => this.#invokeBytes(body, options),
      stats: () => ({
        active: this.#queue.active,
        queued: this.#queue.queued,
        abandoned: 0,
        closing: this.#closing,
      }),
      close,
      [Symbol.asyncDispose]: () => close(),
    }
  }

  async #invoke(call: HookCall, options: InvokeOptions): Promise<HookResult> {
    const { status, body, report, retryAfterMs } = await this.#invokeBytes(
      Buffer.from(JSON.stringify(call)),
      options,
    )
    const json = typeof body === 'string' ? body : Buffer.from(body).toString()
    if (status === 200)
      return { ok: true, status, json, value: json === '' ? undefined : JSON.parse(json), report }
    const { errors } = JSON.parse(json) as { errors: HookError[] }
    return {
      ok: false,
      status,
      errors,
      report,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    }
  }

  async #invokeBytes(body: Uint8Array, options: InvokeOptions): Promise<HookAnswer> {
    const answer = await this.#admit(body, options)
    const { report } = answer
    report.bytesIn = body.byteLength
    this.#settings.logger?.[report.status === 200 ? 'info' : 'warn'](report, 'hook call')
    this.#settings.onCall?.(report)
    return answer
  }

  async #admit(body: Uint8Array, options: InvokeOptions): Promise<HookAnswer> {
    if (this.#closing) return busy('host_closing', 'The host is shutting down.')
    const queuedAt = this.#settings.now()
    const refusal = await this.#queue.enter(options)
    if (refusal !== undefined)
      return busy('host_busy', 'Too many calls are waiting, or the call waited too long.')
    const queueMs = this.#settings.now() - queuedAt
    try {
      const answer = await this.#work(body, options)
      answer.report.queueMs = queueMs
      return answer
    } finally {
      this.#queue.leave()
      if (this.#queue.active === 0) for (const wake of this.#whenIdle.splice(0)) wake()
    }
  }

  async #work(body: Uint8Array, options: InvokeOptions): Promise<HookAnswer> {
    let worker = this.#idle.pop()
    try {
      worker ??= await this.#spawn()
    } catch {
      return busy('host_unavailable', 'No worker could be started.')
    }
    const answer = await worker.call(body, options)
    if (worker.alive && !this.#closing) this.#idle.push(worker)
    return answer
  }

  async #spawn(): Promise<HookWorker> {
    const worker = new HookWorker(this.#workerOptions)
    this.#all.add(worker)
    worker.onEnd = () => {
      this.#all.delete(worker)
      const place = this.#idle.indexOf(worker)
      if (place >= 0) this.#idle.splice(place, 1)
    }
    await worker.started()
    return worker
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#closing = true
    if (this.#queue.active > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadlineMs)
        this.#whenIdle.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    await Promise.all([...this.#all].map((worker) => worker.terminate()))
  }
}

function toUrl(module: string | URL): string {
  if (module instanceof URL || /^[a-z]+:\/\//i.test(module)) return String(module)
  return pathToFileURL(module).href
}

function busy(code: string, message: string): HookAnswer {
  const body = JSON.stringify({ errors: [{ code, message }] })
  const report: CallReport = {
    ...startReport({}),
    status: 503,
    code,
    bytesOut: Buffer.byteLength(body),
  }
  return { status: 503, body, retryAfterMs: RETRY_AFTER_MS, report }
}
