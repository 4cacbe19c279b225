import { createDayClock } from './day-clock.ts'
import { answerOf, IdempotencyWindow } from './idempotency.ts'
import { ledgerKey } from './ledger.ts'
import { type Day, openDay } from './open-day.ts'
import { type ParsedOptions, parseOptions } from './parse-options.ts'
import { encodeProfile } from './profile.ts'
import { closedError, SEGMENTS_CODES, toTargetError } from './segments-errors.ts'
import type { SegmentsUploaderOptions } from './uploader-options.ts'

/** Where an acknowledged profile stands. With `delivery: 'journal'` that is the journal, until it is folded. */
export interface UploadReceipt {
  /** The key of the object. */
  readonly key: string
  /** The version of the object that has it first. */
  readonly etag: string
  /** Its position in the list, from 0. */
  readonly position: number
  /** The same event was acknowledged before; this is the answer of that time. */
  readonly duplicate: boolean
}

/** What may be said of one event. */
export interface UploadOptions {
  /** Names the event: sent again with the same key, it is counted once. */
  idempotencyKey?: string | undefined
  /** When the event happened, for events that come late. Default: now. */
  occurredAt?: Date | undefined
  /** Stops waiting. An event whose write is not on its way yet is taken back. */
  signal?: AbortSignal | undefined
}

/** What `run` answers, as the plugin's hosts know it. */
export type RunResult =
  | { port: 'success'; value: { message: string } }
  | { port: 'error'; value: { error: string } }

/** Adds profiles to the day's file. Many may do so at once, in one process and in many. */
export interface SegmentsUploader extends AsyncDisposable {
  /** Adds the payload's profile to today's file and says so on a port. Never throws. */
  readonly run: (payload: unknown) => Promise<RunResult>
  /**
   * The same for code: resolves once the profile stands in the file.
   * @throws {PermanentError} SEGMENTS_ID_MISSING, SEGMENTS_ID_INVALID, SEGMENTS_SEGMENTS_INVALID,
   *   SEGMENTS_ENTRY_TOO_LARGE when the payload cannot be written
   * @throws {TransientError} SEGMENTS_COMMIT_TIMED_OUT, SEGMENTS_QUEUE_FULL, SEGMENTS_ABORTED
   * @throws {PermanentError} SEGMENTS_CLOSED after `close`
   * @throws {IntegrationError} what the target answered; `outcome` says whether the profile may stand there
   */
  readonly upload: (payload: unknown, options?: UploadOptions) => Promise<UploadReceipt>
  /** Throws what `upload` would reject this payload with, without sending anything. */
  readonly check: (payload: unknown) => void
  /** Resolves when everything accepted so far is answered and, with a journal, stands in the daily file. */
  readonly flush: () => Promise<void>
  /** Accepts nothing more, and flushes. */
  readonly close: () => Promise<void>
}

/** So many days stay open at once; the one used longest ago is let go when it has nothing to do. */
const MAX_OPEN_DAYS = 8
const MS_PER_DAY = 86_400_000

/**
 * Makes the uploader over any store with conditional writes.
 * @throws {TypeError} naming the option that is wrong
 * @throws {PermanentError} SEGMENTS_TARGET_UNSAFE when the store has no conditional writes
 */
export function createSegmentsUploader(options: SegmentsUploaderOptions): SegmentsUploader {
  const parsed = parseOptions(options)
  const days = new Map<string, Day>()
  const window = new IdempotencyWindow<UploadReceipt>(parsed.idempotencyWindow)
  const today = createDayClock({
    ...parsed,
    onBack: (message) => parsed.onDiagnostic({ code: 'SEGMENTS_CLOCK_BACK', key: '', message }),
  })
  let closed = false

  const dayOfEvent = ({ occurredAt }: UploadOptions) =>
    occurredAt ? parsed.dayOf(occurredAt.getTime()) : today()

  const send = async (payload: unknown, request: UploadOptions): Promise<UploadReceipt> => {
    if (closed) throw closedError()
    const entry = { ...encodeProfile(payload, parsed), ledgerKey: ledgerKeyOf(request, parsed) }
    const { queue } = findDay(days, dayOfEvent(request), parsed)
    return await queue.add(entry, entry.bytes.length, request.signal)
  }

  const upload = async (payload: unknown, request: UploadOptions = {}): Promise<UploadReceipt> => {
    checkUploadOptions(request)
    const { idempotencyKey } = request
    if (idempotencyKey === undefined || parsed.idempotencyWindow === 0)
      return await send(payload, request)
    for (let before = window.get(idempotencyKey); before; before = window.get(idempotencyKey)) {
      const receipt = await answerOf(before, request.signal)
      if (receipt) return { ...receipt, duplicate: true }
    }
    const answer = send(payload, request)
    window.remember(idempotencyKey, answer)
    return await answer
  }

  const abort = () => {
    closed = true
    for (const { queue } of days.values()) queue.abort(parsed.signal.reason)
  }
  parsed.signal.addEventListener('abort', abort, { once: true })
  if (parsed.signal.aborted) abort()

  const close = async () => {
    closed = true
    parsed.signal.removeEventListener('abort', abort)
    await Promise.all([...days.values()].map((day) => day.close()))
  }

  return {
    run: (payload) => run(upload, payload),
    upload,
    check: (payload) => {
      encodeProfile(payload, parsed)
    },
    flush: async () => {
      await Promise.all([...days.values()].map((day) => day.flush()))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** @throws {TypeError} naming the option that is wrong */
function checkUploadOptions({ idempotencyKey, occurredAt }: UploadOptions): void {
  if (
    idempotencyKey !== undefined &&
    (typeof idempotencyKey !== 'string' || idempotencyKey === '')
  ) {
    throw new TypeError('idempotencyKey: give a text that is not empty, or leave it out')
  }
  if (occurredAt !== undefined && !Number.isFinite(occurredAt.getTime?.())) {
    throw new TypeError('occurredAt: give a valid Date, or leave it out')
  }
}

/** Says on a port how an upload ended. */
export async function run(
  upload: (payload: unknown) => Promise<unknown>,
  payload: unknown,
): Promise<RunResult> {
  try {
    await upload(payload)
    return { port: 'success', value: { message: 'JSON data uploaded to S3.' } }
  } catch (error) {
    const { code, message } = toTargetError(error)
    const missing = code === SEGMENTS_CODES.idMissing
    return { port: 'error', value: { error: missing ? message : `S3 upload error: ${message}` } }
  }
}

function ledgerKeyOf(
  { idempotencyKey }: UploadOptions,
  options: ParsedOptions,
): string | undefined {
  if (idempotencyKey === undefined || options.idempotencyWindow === 0) return undefined
  return ledgerKey(idempotencyKey)
}

function findDay(days: Map<string, Day>, day: string, options: ParsedOptions): Day {
  const open = days.get(options.keyOf(day))
  if (open) return open
  if (options.delivery === 'journal') {
    // A process that died before midnight may have left something that nobody else would look for.
    const before = new Date(Date.parse(day) - MS_PER_DAY).toISOString().slice(0, day.length)
    addDay(days, before, options)
  }
  return addDay(days, day, options)
}

function addDay(days: Map<string, Day>, day: string, options: ParsedOptions): Day {
  const key = options.keyOf(day)
  const open = days.get(key)
  if (open) return open
  forgetIdle(days)
  const added = openDay(key, options)
  days.set(key, added)
  added.wake()
  return added
}

function forgetIdle(days: Map<string, Day>): void {
  for (const [key, day] of days) {
    if (days.size < MAX_OPEN_DAYS) return
    if (day.queue.size > 0) continue
    days.delete(key)
    day.close().catch(() => {}) // nothing waits in it
  }
}
