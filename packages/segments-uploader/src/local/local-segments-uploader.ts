import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { PermanentError, TransientError } from '@mortise/errors'
import {
  atLeast,
  contained,
  nonEmpty,
  requireObject,
  requireType,
  waitMs,
} from '../check-option.ts'
import {
  abortedError,
  closedError,
  SEGMENTS_CODES,
  toTargetError,
  withOutcome,
} from '../segments-errors.ts'
import {
  checkUploadOptions,
  type RunResult,
  run,
  type SegmentsUploader,
  type UploadOptions,
} from '../segments-uploader.ts'
import { lockFolder } from './folder-lock.ts'
import { type LogRecord, WriteAheadLog } from './write-ahead-log.ts'

/** What the local log is put before, and where it is kept. */
export interface LocalSegmentsUploaderOptions {
  /** Takes the events on; a key for each makes sure that none counts twice after a crash. */
  uploader: SegmentsUploader
  /** The log's folder: on a disk that outlives the process, and for one process alone. Made if absent. */
  folder: string
  /** So many bytes may wait for the network; beyond it `upload` rejects. Default 64 MiB. */
  maxPendingBytes?: number | undefined
  /** How long `close` waits for the network. What is left then is sent after the next start. Default 5,000. */
  closeTimeoutMs?: number | undefined
  onDiagnostic?: ((diagnostic: LocalDiagnostic) => void) | undefined
}

/** What happened besides the answers: for logs and alarms. */
export interface LocalDiagnostic {
  /**
   * - `SEGMENTS_LOG_DAMAGED`: a file of the log was damaged by something other than a crash; what could be read goes on.
   * - `SEGMENTS_UPLOAD_FAILED`: an event could not be sent now; it stays in the log and is tried again.
   */
  readonly code: 'SEGMENTS_LOG_DAMAGED' | 'SEGMENTS_UPLOAD_FAILED'
  readonly message: string
}

/** For producers that must not wait for the network: acknowledged means on this machine's disk. */
export interface LocalSegmentsUploader extends AsyncDisposable {
  /** As of `SegmentsUploader`, but success means on the disk. */
  readonly run: (payload: unknown) => Promise<RunResult>
  /**
   * Resolves when the event is on the disk. It is sent in the background, after a crash at the next start.
   * @throws {PermanentError} what `check` of the uploader throws; SEGMENTS_CLOSED
   * @throws {IntegrationError} with `outcome` `unknown` when the disk failed: it may be sent after the next start
   * @throws {TransientError} SEGMENTS_QUEUE_FULL when `maxPendingBytes` wait already
   */
  readonly upload: (payload: unknown, options?: UploadOptions) => Promise<void>
  /** Events on the disk that are not in the daily file yet. */
  readonly pending: () => number
  /** Resolves when everything accepted so far is in the daily file. */
  readonly flush: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What the log keeps of an event. */
interface LoggedEvent {
  readonly key: string
  readonly at: number
  readonly payload: unknown
}

const DEFAULT_MAX_PENDING_BYTES = 64 * 1024 * 1024
const DEFAULT_CLOSE_TIMEOUT_MS = 5_000
const MAX_FILE_BYTES = 8 * 1024 * 1024
const MAX_DELAY_MS = 30_000
const FIRST_DELAY_MS = 100

/**
 * Opens the log of a folder, begins to send what an earlier process left there, and takes new events.
 * @throws {PermanentError} SEGMENTS_FOLDER_IN_USE when another process has the folder
 */
export async function createLocalSegmentsUploader(
  options: LocalSegmentsUploaderOptions,
): Promise<LocalSegmentsUploader> {
  const { uploader, folder, onDiagnostic, limit, closeTimeoutMs } = parseLocalOptions(options)
  const lock = await lockFolderOf(folder)
  const { log, records } = await openLog(folder, onDiagnostic).catch(async (error: unknown) => {
    await lock.release()
    throw error
  })
  const sender = new Sender(uploader, onDiagnostic)
  for (const record of records) sender.send(record)
  let closing: Promise<void> | undefined

  const upload = async (payload: unknown, request: UploadOptions = {}): Promise<void> => {
    checkUploadOptions(request)
    if (closing !== undefined) throw closedError()
    if (request.signal?.aborted) throw abortedError('not_sent', request.signal.reason)
    const { idempotencyKey: key = randomUUID(), occurredAt = new Date() } = request
    uploader.check(payload)
    const data = encodeEvent({ key, at: occurredAt.getTime(), payload })
    uploader.check(decodeEvent(data)?.payload) // as it will be sent: JSON may leave out what was there
    if (sender.bytes > 0 && sender.bytes + data.length > limit) throw fullError(limit)
    const written = log.append(data).catch((error: unknown) => {
      throw withOutcome(toTargetError(error), 'unknown') // what was cut off may be whole on the disk
    })
    sender.send(await sender.counted(data, written))
  }

  const closeAll = async () => {
    await sender.close(closeTimeoutMs)
    await log.close()
    await lock.release()
  }
  const close = async () => {
    closing ??= closeAll()
    await closing
  }

  return {
    run: async (payload) => await run(upload, payload),
    upload,
    pending: () => sender.size,
    flush: async () => await sender.flush(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** @throws {TypeError} naming the option that is wrong */
function parseLocalOptions(options: LocalSegmentsUploaderOptions) {
  requireObject('options', options)
  const { uploader, maxPendingBytes = DEFAULT_MAX_PENDING_BYTES } = options
  const { onDiagnostic = () => {}, closeTimeoutMs = DEFAULT_CLOSE_TIMEOUT_MS } = options
  if (typeof uploader?.upload !== 'function' || typeof uploader.check !== 'function') {
    throw new TypeError('uploader: give what createSegmentsUploader answers')
  }
  requireType('onDiagnostic', onDiagnostic, 'function')
  return {
    uploader,
    folder: nonEmpty('folder', options.folder),
    limit: atLeast('maxPendingBytes', maxPendingBytes, 1),
    closeTimeoutMs: waitMs('closeTimeoutMs', closeTimeoutMs, 0),
    onDiagnostic: contained(onDiagnostic),
  }
}

/** Sends what is on the disk until it is in the file, and only then lets the log forget it. */
class Sender {
  readonly #uploader: SegmentsUploader
  readonly #onDiagnostic: (diagnostic: LocalDiagnostic) => void
  readonly #sending = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  bytes = 0

  constructor(uploader: SegmentsUploader, onDiagnostic: (diagnostic: LocalDiagnostic) => void) {
    this.#uploader = uploader
    this.#onDiagnostic = onDiagnostic
  }

  get size(): number {
    return this.#sending.size
  }

  /** Counts bytes that are on their way to the disk; those that do not get there count no more. */
  async counted(data: Buffer, append: Promise<LogRecord>): Promise<LogRecord> {
    this.bytes += data.length
    try {
      return await append
    } finally {
      this.bytes -= data.length
    }
  }

  send(record: LogRecord): void {
    this.bytes += record.data.length
    const sending: Promise<void> = this.#deliver(record).finally(() => {
      this.bytes -= record.data.length
      this.#sending.delete(sending)
    })
    this.#sending.add(sending)
  }

  async flush(): Promise<void> {
    await Promise.all(this.#sending)
    await this.#uploader.flush()
  }

  async close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(closedError()), timeoutMs)
    await Promise.all(this.#sending)
    clearTimeout(timer)
    this.#stop.abort(closedError())
  }

  async #deliver(record: LogRecord): Promise<void> {
    const event = decodeEvent(record.data)
    if (!event) return this.#onDiagnostic(unreadableEvent()) // its file stays
    const { key, at, payload } = event
    const request = { idempotencyKey: key, occurredAt: new Date(at), signal: this.#stop.signal }
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      try {
        await this.#uploader.upload(payload, request)
        await record.done().catch(() => {}) // a file that stays is sent again, and counts once
        return
      } catch (error) {
        if (this.#stop.signal.aborted) return
        const { message } = toTargetError(error)
        this.#onDiagnostic({ code: 'SEGMENTS_UPLOAD_FAILED', message })
        const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt)
        await sleep(delayMs, undefined, { signal: this.#stop.signal }).catch(() => {})
      }
    }
  }
}

function encodeEvent(event: LoggedEvent): Buffer {
  try {
    return Buffer.from(JSON.stringify(event))
  } catch (cause) {
    throw new PermanentError('The payload cannot be written as JSON', {
      code: SEGMENTS_CODES.segmentsInvalid,
      outcome: 'not_sent',
      cause,
    })
  }
}

/** What the log kept; `undefined` when it is no event of ours. */
function decodeEvent(data: Buffer): LoggedEvent | undefined {
  try {
    const { key, at, payload } = JSON.parse(data.toString()) as LoggedEvent
    return typeof key === 'string' && Number.isFinite(at) ? { key, at, payload } : undefined
  } catch {
    return undefined
  }
}

function unreadableEvent(): LocalDiagnostic {
  return { code: 'SEGMENTS_LOG_DAMAGED', message: 'The log holds a record that is no event' }
}

async function openLog(folder: string, onDiagnostic: (diagnostic: LocalDiagnostic) => void) {
  return await WriteAheadLog.open({
    folder,
    maxFileBytes: MAX_FILE_BYTES,
    onDamage: (path) =>
      onDiagnostic({
        code: 'SEGMENTS_LOG_DAMAGED',
        message: `${path} holds what could not be read`,
      }),
  })
}

async function lockFolderOf(folder: string): Promise<{ release: () => Promise<void> }> {
  await mkdir(folder, { recursive: true })
  return await lockFolder(folder)
}

function fullError(limit: number): TransientError {
  return new TransientError(`maxPendingBytes (${limit}) wait for the network already`, {
    code: SEGMENTS_CODES.queueFull,
    outcome: 'not_sent',
  })
}
