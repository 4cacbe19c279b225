/**
 * The high-contention path: instead of the one daily file every writer writes objects of its own, and a compactor
 * folds them into the file.
 *
 *     <file>.journal/<writer>-<number>     one line an event: [<ledger key> | null, <id>, <entry>]
 *
 * A name is written once, under the condition that nothing stands there, so a repeated write is refused rather than
 * doubled. When a compactor has folded and removed it and a late repetition brings it back, the ledger knows its name.
 */
import { isUtf8 } from 'node:buffer'
import type { IntegrationError } from '@mortise/errors'
import { backOff, isLate } from './backoff.ts'
import { boundedCall } from './bounded-call.ts'
import type { Commit, DailyFileOptions } from './daily-file.ts'
import { LEDGER_KEY, ledgerKey } from './ledger.ts'
import { LineSplitter } from './line-splitter.ts'
import { MAX_ELEMENT_BYTES } from './list-scanner.ts'
import type { Entry } from './profile.ts'
import { isConditionRefused, toTargetError, withOutcome } from './segments-errors.ts'

const CLOSE_LIST = 0x5d
/** The largest entry behind its id, which is in it, too. */
const MAX_LINE_BYTES = 2 * MAX_ELEMENT_BYTES + 1_024
const NUMBER_DIGITS = 8
const CONFLICT = 409

/** Where the journal of a file is. */
export function journalPrefix(fileKey: string): string {
  return `${fileKey}.journal/`
}

/** Writes batches as objects of its own, without looking at what others do. */
export class JournalWriter {
  readonly #options: DailyFileOptions
  /** Never used again, because its objects are counted from 1. */
  readonly #writer: string
  #number = 0

  constructor(options: DailyFileOptions) {
    this.#options = options
    this.#writer = options.randomName() + options.randomName()
  }

  /**
   * Stores a batch. The receipts say where in the journal it waits for the compactor.
   * @throws {IntegrationError} with `outcome` `unknown` when it may have been stored
   */
  async commit(entries: readonly Entry[]): Promise<Commit> {
    const { key: fileKey, commitTimeoutMs, signal, random } = this.#options
    this.#number += 1
    const number = this.#number.toString(36).padStart(NUMBER_DIGITS, '0')
    const key = `${journalPrefix(fileKey)}${this.#writer}-${number}`
    const deadline = performance.now() + commitTimeoutMs
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#put(key, entries)
      } catch (thrown) {
        const error = toTargetError(thrown)
        // Nobody else writes this name: it is there because an earlier try landed, also one of the client's own.
        if (isThere(error)) return commitOf(key, '', entries.length)
        const late = isLate(deadline, error) || signal.aborted
        const again = error.retryable || isConditionRefused(error)
        if (late || !again) throw outcomeOf(error, attempt)
        await backOff({ attempt, retryAfterMs: error.retryAfterMs, random, signal }).catch(() => {
          throw outcomeOf(error, attempt)
        })
      }
    }
  }

  async #put(key: string, entries: readonly Entry[]): Promise<Commit> {
    const { guard, target, signal, requestTimeoutMs, singleWriter } = this.#options
    const limits = { timeoutMs: requestTimeoutMs, signal }
    await boundedCall((signal, alive) => guard.requireConditions(signal, alive), limits)
    const request = { key, body: encodeJournal(entries), mediaType: 'application/x-ndjson' }
    const { etag } = await boundedCall(
      (signal) =>
        target.put({ ...request, ...(!singleWriter && { ifNoneMatch: '*' as const }), signal }),
      limits,
    )
    return commitOf(key, etag, entries.length)
  }
}

/** A conflict (409) only says that somebody is writing; that write may yet come to nothing. */
function isThere(error: IntegrationError): boolean {
  return isConditionRefused(error) && error.status !== CONFLICT
}

function commitOf(key: string, etag: string, count: number): Commit {
  const placements = Array.from({ length: count }, (_, position) => ({
    position,
    duplicate: false,
  }))
  return { key, etag, placements }
}

function outcomeOf(error: IntegrationError, attempt: number): IntegrationError {
  const refused = attempt === 1 && error.outcome !== undefined && error.outcome !== 'unknown'
  return withOutcome(error, refused ? 'not_sent' : 'unknown')
}

function encodeJournal(entries: readonly Entry[]): Buffer {
  const lines = entries.flatMap(({ ledgerKey, id, bytes }) => [
    Buffer.from(headOf(ledgerKey ?? null, id)),
    bytes,
    Buffer.from(']\n'),
  ])
  return Buffer.concat(lines)
}

/**
 * Reads a journal object back; its entries stand or fall together.
 * @throws {SyntaxError} when it is damaged
 */
export async function decodeJournal(
  key: string,
  body: AsyncIterable<Uint8Array>,
): Promise<Entry[]> {
  const group = ledgerKey(key)
  const lines = new LineSplitter(MAX_LINE_BYTES, () => new SyntaxError('a line is too long'))
  const entries: Entry[] = []
  for await (const chunk of body) {
    for (const line of lines.push(chunk)) entries.push({ ...decodeLine(line), group })
  }
  if (lines.rest() !== undefined) throw new SyntaxError('its last line is not complete')
  return entries
}

/** Only what `encodeJournal` writes, to the byte: the entry goes into the daily file as it stands here. */
function decodeLine(line: Buffer): Entry {
  const value: unknown = isUtf8(line) ? JSON.parse(line.toString()) : undefined
  const [key, idValue, entry] = Array.isArray(value) && value.length === 3 ? value : []
  const id = JSON.stringify(idValue)
  const head = Buffer.from(headOf(key, id))
  const named = key === null || (typeof key === 'string' && LEDGER_KEY.test(key))
  const written = named && typeof entry === 'object' && entry !== null
  if (!written || !line.subarray(0, head.length).equals(head) || line.at(-1) !== CLOSE_LIST) {
    throw new SyntaxError('it is not a line of a journal')
  }
  return { id, bytes: line.subarray(head.length, -1), ...(key !== null && { ledgerKey: key }) }
}

function headOf(ledgerKey: string | null, id: string): string {
  return `[${JSON.stringify(ledgerKey)},${id},`
}
