import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { TransientError } from '@mortise/errors'
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
import type { LocalDiagnostic } from './local-diagnostic.ts'
import { LogSender } from './log-sender.ts'
import { decodeEvent, encodeEvent } from './logged-event.ts'
import { WriteAheadLog } from './write-ahead-log.ts'

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

const DEFAULT_MAX_PENDING_BYTES = 64 * 1024 * 1024
const DEFAULT_CLOSE_TIMEOUT_MS = 5_000
const MAX_FILE_BYTES = 8 * 1024 * 1024

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
  const sender = new LogSender(uploader, onDiagnostic)
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
