import { type IntegrationError, isIntegrationError } from '@mortise/errors'
import { checkComplete, checkSize, overrun } from './body-length.ts'
import { codingsOf } from './content-decoder.ts'
import { parseContentRange, parseLength, strongValidator } from './content-range.ts'
import { type DownloadPhase, transient } from './download-error.ts'
import { type Exchange, type ExchangeOptions, openExchange, readSome } from './exchange.ts'
import { headerOf } from './header-of.ts'
import type { Limits } from './limits.ts'
import type { ProgressMeter } from './progress.ts'
import { statusRefused } from './request-error.ts'
import type { TransferTarget } from './transfer-target.ts'

/** What is asked for, and who is told how it goes. */
export interface AttemptOptions {
  url: URL
  exchange: ExchangeOptions
  limits: Limits
  progress: Pick<ProgressMeter, 'bytes' | 'totalBytes' | 'attempt'>
  signal: AbortSignal
  /** An answer with the whole that has been opened already, for the first attempt. */
  first?: Exchange | undefined
  /** For a part of a file: the first byte that is not of it. Default: the whole. */
  end?: number
}

/** What has been received of which version. */
export interface TransferState {
  offset: number
  total: number | undefined
  validator: string | undefined
  /** How that version is encoded on the wire, as `Content-Encoding` names it. */
  codings: string
  resumed: number
  phase: DownloadPhase
  /** Whether the target has been told where the bytes start. */
  begun: boolean
  first: Exchange | undefined
}

const MAX_ERROR_BODY_BYTES = 512

/** Asks once for what is missing and moves it to the target. What has come is in the state, whatever comes of it. */
export async function attemptOnce(
  options: AttemptOptions,
  state: TransferState,
  target: TransferTarget,
): Promise<Exchange> {
  state.phase = state.begun && state.offset > 0 ? 'body' : 'request'
  const exchange = takeFirst(state) ?? (await open(options, state))
  try {
    if (!(await accept(exchange, options, state, target))) return exchange
  } catch (error) {
    exchange.abort(error as Error)
    throw error
  }
  state.phase = 'body'
  await receive(exchange, options, state, target)
  return exchange
}

function takeFirst(state: TransferState): Exchange | undefined {
  const { first } = state
  state.first = undefined
  return first
}

function open(options: AttemptOptions, state: TransferState): Promise<Exchange> {
  const { headers } = options.exchange
  const resuming = wantsRest(options, state) && state.validator !== undefined
  return openExchange(options.url, {
    ...options.exchange,
    headers: resuming
      ? { ...headers, range: rangeOf(state, options), 'if-range': state.validator as string }
      : headers,
  })
}

/** Whether not the whole is wanted: a part of it, or what is missing of it. */
export function wantsRest({ end }: AttemptOptions, { offset }: TransferState): boolean {
  return offset > 0 || end !== undefined
}

function rangeOf({ offset }: TransferState, { end }: AttemptOptions): string {
  return `bytes=${offset}-${end === undefined ? '' : end - 1}`
}

/** What has come is not the start of the file: it is not worth resuming. */
const USELESS_CODES = new Set([
  'FILES_LOCAL_SOURCE_CHANGED',
  'FILES_LOCAL_BODY_CORRUPT',
  'FILES_LOCAL_PROTOCOL_VIOLATED',
])

async function receive(
  exchange: Exchange,
  options: AttemptOptions,
  state: TransferState,
  target: TransferTarget,
): Promise<void> {
  const end = options.end ?? state.total
  try {
    await exchange.body((chunk) => {
      if (end !== undefined && state.offset + chunk.length > end) throw overrun()
      state.offset += chunk.length
      checkSize(state.offset, options.limits)
      options.progress.bytes = state.offset
      return target.write(chunk)
    })
  } catch (error) {
    if (isIntegrationError(error) && USELESS_CODES.has(error.code)) state.validator = undefined
    throw error
  }
  checkComplete(state.offset, end)
  await finish(state, target)
}

/** Content that does not match its own digest or encoding is not worth resuming: another try begins again. */
async function finish(state: TransferState, target: TransferTarget): Promise<void> {
  try {
    await target.end()
  } catch (error) {
    state.validator = undefined
    throw error
  }
}

/** Judges the head of an answer: a file from its start, its missing rest, or no file at all. False: nothing is missing. */
async function accept(
  exchange: Exchange,
  options: AttemptOptions,
  state: TransferState,
  target: TransferTarget,
): Promise<boolean> {
  const rest = wantsRest(options, state)
  if (rest && exchange.status === 206) {
    checkContinuation(exchange, state, options)
    if (!state.begun) await target.goOn?.(exchange, state.offset)
    state.begun = true
    state.resumed += 1
    options.progress.bytes = state.offset
    options.progress.totalBytes = state.total
    return true
  }
  if (rest && exchange.status === 416) {
    await readSome(exchange, MAX_ERROR_BODY_BYTES).catch(() => '')
    if (!state.begun || headerOf(exchange.headers, 'content-range') !== `bytes */${state.offset}`)
      throw changed(state)
    await finish(state, target)
    return false
  }
  if (exchange.status !== 200 && exchange.status !== 203) throw await refusal(exchange)
  if (rest && !target.canBeginAgain()) throw changed(state)
  await begin(exchange, options, state, target)
  return true
}

async function begin(
  exchange: Exchange,
  { limits, progress }: AttemptOptions,
  state: TransferState,
  target: TransferTarget,
): Promise<void> {
  const length = parseLength(headerOf(exchange.headers, 'content-length'))
  checkSize(length ?? 0, limits)
  state.offset = 0
  state.resumed = 0
  state.total = length
  state.validator = strongValidator(headerOf(exchange.headers, 'etag'))
  state.codings = namedCodings(exchange)
  state.begun = true
  progress.bytes = 0
  progress.totalBytes = length
  await target.begin(exchange)
}

function checkContinuation(
  exchange: Exchange,
  state: TransferState,
  { end }: AttemptOptions,
): void {
  const range = parseContentRange(headerOf(exchange.headers, 'content-range'))
  const total = range?.total ?? state.total
  const whole = total !== undefined && range?.last === (end ?? total) - 1
  const { validator } = state
  // A 206 may leave the encoding out, for whoever asks knows it; another one makes other bytes of the same tag.
  const encodedAlike = ['', state.codings].includes(namedCodings(exchange))
  const same = validator !== undefined && headerOf(exchange.headers, 'etag') === validator
  if (
    !same ||
    !encodedAlike ||
    !whole ||
    range.first !== state.offset ||
    (state.total ?? total) !== total
  ) {
    throw changed(state)
  }
  state.total = total
}

function namedCodings({ headers }: Exchange): string {
  return codingsOf(headerOf(headers, 'content-encoding')).join()
}

function changed(state: TransferState): IntegrationError {
  state.validator = undefined
  return transient('the file changed on the server between two attempts', {
    code: 'FILES_LOCAL_SOURCE_CHANGED',
  })
}

async function refusal(exchange: Exchange): Promise<IntegrationError> {
  const body = await readSome(exchange, MAX_ERROR_BODY_BYTES).catch(() => '')
  return statusRefused(exchange, body)
}
