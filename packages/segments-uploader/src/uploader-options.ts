import { PermanentError } from '@mortise/errors'
import { createDayOf, type DayOf } from './day.ts'
import type { Profile } from './profile.ts'
import { randomName } from './random-name.ts'
import type { SegmentTarget } from './segment-target.ts'
import { SEGMENTS_CODES } from './segments-errors.ts'
import { createFormat, type SegmentsFormat } from './segments-format.ts'
import { TargetGuard } from './target-guard.ts'

/** What happened besides the answers: for logs and alarms. */
export interface SegmentsDiagnostic {
  /**
   * - `SEGMENTS_FILE_UNREADABLE`: the file is left as it is, and the day goes on in the next side file.
   * - `SEGMENTS_COMPOSE_UNAVAILABLE`: the store cannot append on its side; files are written whole.
   * - `SEGMENTS_LEDGER_MISSING`: somebody removed the record of counted events; those before it may count again.
   * - `SEGMENTS_JOURNAL_UNREADABLE`: a journal object is damaged; it is left as it is.
   * - `SEGMENTS_COMPACTION_FAILED`: folding the journal failed for now; it is tried again.
   * - `SEGMENTS_CLOCK_BACK`: the clock went back over midnight; the day that had begun goes on.
   */
  readonly code:
    | 'SEGMENTS_FILE_UNREADABLE'
    | 'SEGMENTS_COMPOSE_UNAVAILABLE'
    | 'SEGMENTS_LEDGER_MISSING'
    | 'SEGMENTS_CLOCK_BACK'
    | 'SEGMENTS_JOURNAL_UNREADABLE'
    | 'SEGMENTS_COMPACTION_FAILED'
  /** The object that it is about; empty when it is about the whole store. */
  readonly key: string
  readonly message: string
}

export interface SegmentsUploaderOptions {
  /** Where the files are kept. */
  target: SegmentTarget
  /** Whose midnight begins a new file: an IANA name. Default `UTC`. */
  timeZone?: string | undefined
  /** The key of a day's file. Default: `2026-11-21` → `2026-11-21_segments.json`, or what the format is called. */
  fileName?: ((day: string) => string) | undefined
  /** Put before the file name, as it is: `exports/`. Default: nothing. */
  prefix?: string | undefined
  /** The field of `traits` that names a profile, and its name in the file. Default `smi_uid`. */
  idField?: string | undefined
  /** The name of the list in the file. Default `profiles`. */
  listName?: string | undefined
  /**
   * `append`: one entry an event, as the plugin did. `upsert`: one entry an id, with the segments that came last; the
   * whole file is held and written, so it has to stay below `maxHeldBytes`. Default `append`.
   */
  mode?: 'append' | 'upsert' | undefined
  /** `json`: one object with the list, as the plugin wrote it. `ndjson`: one profile a line. Default `json`. */
  format?: 'json' | 'ndjson' | undefined
  /** `gzip` compresses each append on its own; the file is read like any gzip file. Default `none`. */
  compression?: 'none' | 'gzip' | undefined
  /**
   * White space at the beginning of a new JSON file. With 5 MiB, S3 appends on its side from the first profile on,
   * instead of from 5 MiB on, and readers fetch the white space too. Default 0.
   */
  paddingBytes?: number | undefined
  /** What stands in the list for one profile. Default `{ [idField]: id, segments }`. */
  toEntry?: ((profile: Profile, payload: unknown) => object) | undefined
  /**
   * `direct`: acknowledged means in the daily file. `journal`: acknowledged means in an object of this writer, and
   * the daily file follows within `compactEveryMs`; for many processes. Default `direct`.
   */
  delivery?: 'direct' | 'journal' | undefined
  /**
   * With a journal, how far the daily file may lag behind, plus the time of one compaction. When the process that
   * compacts dies, another one takes over after three times as long. `Infinity`: others compact. Default 1,000.
   */
  compactEveryMs?: number | undefined
  /** Wait so long for company before a write. Default 0: events gather while the write before is on its way. */
  windowMs?: number | undefined
  /** The most events of one write. Default 10,000. */
  maxBatchEvents?: number | undefined
  /** The most bytes of one write. Default 8 MiB. */
  maxBatchBytes?: number | undefined
  /** So many events may wait for a write. Default 10,000. */
  maxQueuedEvents?: number | undefined
  /** So many bytes may wait for a write. Default 32 MiB. */
  maxQueuedBytes?: number | undefined
  /** What a call does that finds the queue full. Default `wait`: its promise stays open until there is room. */
  whenFull?: 'wait' | 'reject' | undefined
  /** The largest profile in bytes as written. Default 16 MiB. */
  maxEntryBytes?: number | undefined
  /** Hold the content of a file that cannot be composed up to this size; a larger one streams. Default 16 MiB. */
  maxHeldBytes?: number | undefined
  /** How long one request may take. Default 30,000. */
  requestTimeoutMs?: number | undefined
  /** How long a batch is tried, contention and outages included. Default 60,000. */
  commitTimeoutMs?: number | undefined
  /** So many idempotency keys are remembered, the latest. Default 100,000. */
  idempotencyWindow?: number | undefined
  /**
   * Go without conditional writes. Only safe when nobody else writes the file: a second writer would silently
   * take away what the first one wrote. Default `false`.
   */
  singleWriter?: boolean | undefined
  /** Ends everything when it aborts: what waits rejects, what is on its way is not tried again. */
  signal?: AbortSignal | undefined
  onDiagnostic?: ((diagnostic: SegmentsDiagnostic) => void) | undefined
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: (() => number) | undefined
  /** For jitter: a number from 0 to 1. Default `Math.random`. */
  random?: (() => number) | undefined
}

/** The same with every default in its place. */
export interface ParsedOptions {
  target: SegmentTarget
  dayOf: DayOf
  keyOf: (day: string) => string
  guard: TargetGuard
  idField: string
  format: SegmentsFormat
  toEntry: SegmentsUploaderOptions['toEntry']
  mode: 'append' | 'upsert'
  delivery: 'direct' | 'journal'
  compactEveryMs: number
  windowMs: number
  maxBatchEvents: number
  maxBatchBytes: number
  maxQueuedEvents: number
  maxQueuedBytes: number
  whenFull: 'wait' | 'reject'
  maxEntryBytes: number
  maxHeldBytes: number
  requestTimeoutMs: number
  commitTimeoutMs: number
  idempotencyWindow: number
  singleWriter: boolean
  signal: AbortSignal
  onDiagnostic: (diagnostic: SegmentsDiagnostic) => void
  now: () => number
  random: () => number
  /** Names this writer in what it writes. */
  writer: string
}

const MIB = 1024 * 1024

/** The plugin's name for the file of a day. */
export function segmentsFileName(day: string): string {
  return `${day}_segments.json`
}

/**
 * Checks options and puts the defaults in.
 * @throws {TypeError} naming the option, what was received and what to do
 */
export function parseOptions(options: SegmentsUploaderOptions): ParsedOptions {
  const { target, prefix = '' } = options
  const { singleWriter = false, onDiagnostic = () => {} } = options
  requireConditions(target, singleWriter)
  const format = parseFormat(options)
  const fileName = options.fileName ?? ((day: string) => `${day}_segments${format.extension}`)
  if (typeof target?.put !== 'function') {
    throw new TypeError('target: give a SegmentTarget, such as createMemorySegmentTarget()')
  }
  return {
    target,
    guard: new TargetGuard({
      target,
      probeKey: `${prefix}segments-probe`,
      singleWriter,
      onComposeUnavailable: (reason) =>
        onDiagnostic({
          code: 'SEGMENTS_COMPOSE_UNAVAILABLE',
          key: '',
          message: `The store cannot append on its side: ${reason}`,
        }),
    }),
    dayOf: createDayOf(options.timeZone ?? 'UTC'),
    keyOf: (day) => prefix + fileName(day),
    idField: nonEmpty('idField', options.idField ?? 'smi_uid'),
    format,
    toEntry: options.toEntry,
    mode: oneOf('mode', options.mode ?? 'append', ['append', 'upsert']),
    delivery: oneOf('delivery', options.delivery ?? 'direct', ['direct', 'journal']),
    compactEveryMs: atLeast('compactEveryMs', options.compactEveryMs ?? 1_000, 1),
    windowMs: atLeast('windowMs', options.windowMs ?? 0, 0),
    maxBatchEvents: atLeast('maxBatchEvents', options.maxBatchEvents ?? 10_000, 1),
    maxBatchBytes: atLeast('maxBatchBytes', options.maxBatchBytes ?? 8 * MIB, 1),
    maxQueuedEvents: atLeast('maxQueuedEvents', options.maxQueuedEvents ?? 10_000, 1),
    maxQueuedBytes: atLeast('maxQueuedBytes', options.maxQueuedBytes ?? 32 * MIB, 1),
    whenFull: oneOf('whenFull', options.whenFull ?? 'wait', ['wait', 'reject']),
    maxEntryBytes: atLeast('maxEntryBytes', options.maxEntryBytes ?? 16 * MIB, 1),
    maxHeldBytes: atLeast('maxHeldBytes', options.maxHeldBytes ?? 16 * MIB, 0),
    requestTimeoutMs: atLeast('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 1),
    commitTimeoutMs: atLeast('commitTimeoutMs', options.commitTimeoutMs ?? 60_000, 1),
    idempotencyWindow: atLeast('idempotencyWindow', options.idempotencyWindow ?? 100_000, 0),
    singleWriter,
    signal: options.signal ?? new AbortController().signal,
    onDiagnostic,
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    writer: randomName(),
  }
}

function parseFormat(options: SegmentsUploaderOptions): SegmentsFormat {
  const { format = 'json', compression = 'none', paddingBytes = 0 } = options
  const plainJson = format === 'json' && compression === 'none'
  if (paddingBytes > 0 && !plainJson) {
    throw new TypeError(
      'paddingBytes: only a plain JSON file can begin with white space; leave it out',
    )
  }
  return createFormat({
    format: oneOf('format', format, ['json', 'ndjson']),
    compression: oneOf('compression', compression, ['none', 'gzip']),
    listName: nonEmpty('listName', options.listName ?? 'profiles'),
    paddingBytes: atLeast('paddingBytes', paddingBytes, 0),
  })
}

function requireConditions(target: SegmentTarget, singleWriter: boolean): void {
  if (singleWriter || target.capabilities.conditionalWrites) return
  throw new PermanentError(
    'The store has no conditional writes, so two writers would take away what the other wrote. ' +
      'Use a store that has them, or set singleWriter when nobody else ever writes these files',
    { code: SEGMENTS_CODES.targetUnsafe, outcome: 'not_sent' },
  )
}

function atLeast(name: string, value: number, minimum: number): number {
  if (typeof value === 'number' && value >= minimum) return value
  throw new TypeError(`${name}: received ${String(value)}; give a number of at least ${minimum}`)
}

function nonEmpty(name: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${name}: received ${JSON.stringify(value)}; give a name`)
}

function oneOf<Value extends string>(name: string, value: Value, allowed: readonly Value[]): Value {
  if (allowed.includes(value)) return value
  throw new TypeError(
    `${name}: received ${JSON.stringify(value)}; give one of ${allowed.join(', ')}`,
  )
}
