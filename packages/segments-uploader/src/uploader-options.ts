import type { Profile } from './profile.ts'
import type { SegmentTarget } from './segment-target.ts'

/** What happened besides the answers: for logs and alarms. */
export interface SegmentsDiagnostic {
  /**
   * - `SEGMENTS_FILE_UNREADABLE`: the file is left as it is, and the day goes on in the next side file.
   * - `SEGMENTS_COMPOSE_UNAVAILABLE`: the store cannot append on its side; files are written whole.
   * - `SEGMENTS_LEDGER_MISSING`: somebody removed the record of counted events; those before it may count again.
   * - `SEGMENTS_BATCH_LOST`: somebody put back an older version of the file, without a batch that was acknowledged; or
   *   the store does not keep its conditions after all, which is looked into before the next write.
   * - `SEGMENTS_JOURNAL_UNREADABLE`: a journal object is damaged; it is left as it is.
   * - `SEGMENTS_COMPACTION_FAILED`: folding the journal failed for now; it is tried again.
   * - `SEGMENTS_CLOCK_BACK`: the clock went back over midnight. By up to an hour the day that had begun goes on.
   */
  readonly code:
    | 'SEGMENTS_FILE_UNREADABLE'
    | 'SEGMENTS_COMPOSE_UNAVAILABLE'
    | 'SEGMENTS_LEDGER_MISSING'
    | 'SEGMENTS_CLOCK_BACK'
    | 'SEGMENTS_BATCH_LOST'
    | 'SEGMENTS_JOURNAL_UNREADABLE'
    | 'SEGMENTS_COMPACTION_FAILED'
  /** The object that it is about; empty when it is about the whole store. */
  readonly key: string
  readonly message: string
}

/** How an uploader names, writes and bounds things. Only `target` has to be given. */
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
  /** The largest profile in bytes as written, at most 64 MiB. Default 16 MiB. */
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
