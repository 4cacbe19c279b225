import { requireObject, requireSignal } from './check-option.ts'
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

  const send = async (
    payload: unknown,
    request: UploadOptions,
    ledgerKey: string | undefined,
  ): Promise<UploadReceipt> => {
    if (closed) throw closedError()
    const entry = { ...encodeProfile(payload, parsed), ledgerKey }
    const { queue } = findDay(days, dayOfEvent(request), parsed)
    return await queue.add(entry, entry.bytes.length, request.signal)
  }

  const upload = async (payload: unknown, request: UploadOptions = {}): Promise<UploadReceipt> => {
    checkUploadOptions(request)
    const key = ledgerKeyOf(request, parsed)
    if (key === undefined) return await send(payload, request, key)
    for (let before = window.get(key); before; before = window.get(key)) {
      const receipt = await answerOf(before, request.signal)
      if (receipt) return { ...receipt, duplicate: true }
    }
    const answer = send(payload, request, key)
    window.remember(key, answer)
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
export function checkUploadOptions(options: UploadOptions): void {
  requireObject('options', options)
  requireSignal(options.signal)
  const { idempotencyKey, occurredAt } = options
  const named = typeof idempotencyKey === 'string' && idempotencyKey !== ''
  // Two texts that differ only in what is no Unicode would be one key where they are stored.
  if (idempotencyKey !== undefined && !(named && idempotencyKey.isWellFormed())) {
    throw new TypeError(
      'idempotencyKey: give a text of valid Unicode that is not empty, or leave it out',
    )
  }
  if (occurredAt !== undefined && !isDate(occurredAt)) {
    throw new TypeError('occurredAt: give a valid Date of the years 0 to 9999, or leave it out')
  }
}

/** One whose day has a name of ten characters in every zone. */
function isDate(value: Date | null): boolean {
  const instant = typeof value?.getTime === 'function' ? value.getTime() : Number.NaN
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT
}

const FIRST_INSTANT = Date.parse('0000-01-02')
const LAST_INSTANT = Date.parse('9999-12-30')

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
  const key = options.keyOf(day)
  const open = days.get(key)
  if (open) {
    days.delete(key) // the last one is the one used last
    days.set(key, open)
    return open
  }
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
