import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { LineScanner, ListScanner, type ScannedElement } from './list-scanner.ts'

/**
 * How a daily file looks, to the byte: a head, the entries, and a tail. An append takes the tail away and puts
 * entries and the same tail there, so every version is complete.
 *
 * - JSON: `{"profiles":[` + entries between commas + `]}`
 * - NDJSON: one entry a line, no head and no tail
 * - gzip: each append is a gzip member of its own, and so is the tail; members one after another are one gzip file
 *   (RFC 1952, section 2.2)
 */
export interface SegmentsFormat {
  readonly extension: string
  readonly mediaType: string
  /** Four digits that tell it from others: who wrote in another format kept a record of another list. */
  readonly tag: string
  readonly head: Buffer
  readonly tail: Buffer
  /** The bytes that go where the tail stood, with the tail behind them. */
  readonly append: (entries: readonly Uint8Array[], first: boolean) => Buffer
  /** Reads the uncompressed file. */
  readonly scanner: () => Scanner
  readonly compressed: boolean
}

export interface Scanner {
  push: (chunk: Uint8Array) => ScannedElement[]
  end: () => { close: number; count: number }
}

export interface FormatOptions {
  format: 'json' | 'ndjson'
  compression: 'none' | 'gzip'
  listName: string
  /** White space in the head of a new JSON file. */
  paddingBytes: number
}

const COMMA = Buffer.from(',')
const NEWLINE = Buffer.from('\n')

export function createFormat(options: FormatOptions): SegmentsFormat {
  const plain = options.format === 'json' ? jsonFormat(options) : ndjsonFormat()
  return options.compression === 'gzip' ? gzipped(plain) : plain
}

function tagOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, TAG_DIGITS)
}

const TAG_DIGITS = 4

function jsonFormat({ listName, paddingBytes }: FormatOptions): SegmentsFormat {
  const tail = Buffer.from(']}')
  return {
    extension: '.json',
    mediaType: 'application/json',
    tag: tagOf(`json ${listName}`),
    head: Buffer.from(`{${JSON.stringify(listName)}:[${' '.repeat(paddingBytes)}`),
    tail,
    append: (entries, first) => Buffer.concat([...between(entries, first), tail]),
    scanner: () => new ListScanner(listName),
    compressed: false,
  }
}

function ndjsonFormat(): SegmentsFormat {
  return {
    extension: '.ndjson',
    mediaType: 'application/x-ndjson',
    tag: tagOf('ndjson'),
    head: Buffer.alloc(0),
    tail: Buffer.alloc(0),
    append: (entries) => Buffer.concat(entries.flatMap((entry) => [entry, NEWLINE])),
    scanner: () => new LineScanner(),
    compressed: false,
  }
}

function gzipped(plain: SegmentsFormat): SegmentsFormat {
  const tail = plain.tail.length === 0 ? plain.tail : gzipSync(plain.tail)
  const head = plain.head.length === 0 ? plain.head : gzipSync(plain.head)
  return {
    ...plain,
    extension: `${plain.extension}.gz`,
    mediaType: 'application/gzip',
    tag: tagOf(`gzip ${plain.tag}`),
    head,
    tail,
    append: (entries, first) => {
      const bytes = plain.append(entries, first)
      const fresh = bytes.subarray(0, bytes.length - plain.tail.length)
      return Buffer.concat([gzipSync(fresh), tail])
    },
    compressed: true,
  }
}

function between(entries: readonly Uint8Array[], first: boolean): Uint8Array[] {
  return entries.flatMap((entry, index) => (index === 0 && first ? [entry] : [COMMA, entry]))
}
