/**
 * What a commit says about itself, in the metadata of the object it writes, so that data and claim change in one
 * step:
 *
 *     segments-state:   <lineage>.<count>.<close>        close = where the list's `]` stands
 *     segments-writers: <writer>.<batch>.<first>,…       the last batch of each writer, latest first
 *     segments-ledger:  <id>                             the head of the chain of counted events, if there is one
 *
 * A writer whose answer was lost finds its own batch number there, or knows that it never landed. Numbers are in
 * base 36, because S3 gives metadata 2 KB.
 */
export interface CommitRecord {
  /** Names one unbroken line of appends: in it, bytes before `close` never change. */
  readonly lineage: string
  /** How many profiles the file holds. */
  readonly count: number
  /** The offset of the bracket that closes the list. */
  readonly close: number
  readonly marks: Marks
  /** The head of the chain of counted events. */
  readonly ledger: string | undefined
}

/** The last batch of each writer, and the position that its first profile got. Latest writer last. */
export type Marks = ReadonlyMap<string, Mark>

export interface Mark {
  readonly batch: number
  readonly first: number
}

type Metadata = Readonly<Record<string, string>>

/** So many marks fit into S3's 2 KB with the longest numbers: 64 × 30 bytes. */
export const MAX_MARKS = 64

const STATE = 'segments-state'
const WRITERS = 'segments-writers'
const LEDGER = 'segments-ledger'
const RADIX = 36

/** The metadata that carries a record. */
export function toMetadata(record: CommitRecord): Metadata {
  const writers = [...record.marks]
    .reverse()
    .map(([writer, { batch, first }]) => [writer, base36(batch), base36(first)].join('.'))
  return {
    [STATE]: [record.lineage, base36(record.count), base36(record.close)].join('.'),
    [WRITERS]: writers.join(','),
    ...(record.ledger !== undefined && { [LEDGER]: record.ledger }),
  }
}

/** The record in an object's metadata; `undefined` when the object was not written by this package. */
export function fromMetadata(metadata: Metadata | undefined): CommitRecord | undefined {
  const state = /^([a-z0-9]+)\.([a-z0-9]+)\.([a-z0-9]+)$/.exec(metadata?.[STATE] ?? '')
  if (!state) return undefined
  const [, lineage = '', count = '', close = ''] = state
  const marks = (metadata?.[WRITERS] ?? '')
    .split(',')
    .map((text) => /^([a-z0-9]+)\.([a-z0-9]+)\.([a-z0-9]+)$/.exec(text))
    .filter((match) => match !== null)
    .map(([, writer = '', batch = '', first = '']): [string, Mark] => [
      writer,
      { batch: number(batch), first: number(first) },
    ])
  return {
    lineage,
    count: number(count),
    close: number(close),
    marks: new Map(marks.reverse()),
    ledger: /^[a-z0-9]+$/.exec(metadata?.[LEDGER] ?? '')?.[0],
  }
}

/** The marks after one more batch; the writers that have been silent longest fall out. */
export function withMark(marks: Marks, writer: string, mark: Mark): Marks {
  const next = new Map(marks)
  next.delete(writer)
  next.set(writer, mark)
  for (const oldest of next.keys()) {
    if (next.size <= MAX_MARKS) break
    next.delete(oldest)
  }
  return next
}

function base36(value: number): string {
  return value.toString(RADIX)
}

function number(text: string): number {
  return Number.parseInt(text, RADIX)
}

/**
 * Whether a writer that does not find its mark may conclude that its batch never landed: not when the line of
 * appends broke since, nor when so many others wrote that its mark may have fallen out.
 */
export function isMarkReliable(base: CommitRecord, now: CommitRecord): boolean {
  const latestThen = [...base.marks.keys()].at(-1)
  if (base.lineage !== now.lineage) return false
  return now.marks.size < MAX_MARKS || (latestThen !== undefined && now.marks.has(latestThen))
}
