import { checkSize, overrun } from './body-length.ts'
import { codingsOf } from './content-decoder.ts'
import type { ContentOptions } from './content-pipeline.ts'
import { parseContentRange, strongValidator } from './content-range.ts'
import { DigestCheck, serverDigest } from './digests.ts'
import { type Exchange, openExchange } from './exchange.ts'
import type { FileTarget } from './file-target.ts'
import { checkSpace, toWriteError } from './file-transfer.ts'
import { FileWriter } from './file-writer.ts'
import { headerOf } from './header-of.ts'
import { readBack } from './open-file.ts'
import type { Partial } from './partial-file.ts'
import type { ChunkConsumer } from './response-receiver.ts'
import { type TransferOptions, type TransferReport, transfer } from './transfer.ts'
import type { TransferTarget } from './transfer-target.ts'

/** Smallest and largest part. The first answer brings a smallest one, so that little is lost if ranges are unknown. */
const MIN_PART_BYTES = 1024 * 1024
const MAX_PART_BYTES = 16 * 1024 * 1024
/** Parts a connection gets, so that a slow one does not hold up the end. */
const PARTS_PER_CONNECTION = 4

/** What moving a body to a file came to. */
export interface Moved {
  report: TransferReport
  bytes: number
  checksDigest: boolean
}

/**
 * Asks for the first part of a file, whose answer tells whether the server knows ranges and vouches for the version. It is
 * never asked by HEAD, which signed addresses refuse, and an answer with the whole file is used as such.
 */
export async function openFirstPart(options: TransferOptions): Promise<Exchange | undefined> {
  const range = `bytes=0-${MIN_PART_BYTES - 1}`
  const headers = { ...options.exchange.headers, range }
  const first = await openExchange(options.url, { ...options.exchange, headers }).catch(
    () => undefined,
  )
  if (first === undefined || first.status === 200 || readSource(first) !== undefined) return first
  first.abort(new Error('fetched as a whole instead'))
  return undefined
}

/** Fetches a file in parts over several connections, when its first part allows it. */
export async function transferInParts(
  options: TransferOptions,
  file: FileTarget,
  content: ContentOptions,
  { first, connections }: { first: Exchange; connections: number },
): Promise<Moved | undefined> {
  const source = readSource(first)
  if (source === undefined) return undefined
  try {
    checkSize(source.total, options.limits)
    await checkSpace(file, source.total, options.limits)
  } catch (error) {
    first.abort(error as Error)
    throw error
  }
  options.progress.totalBytes = source.total
  const work = new PartWork(options, file, source)
  const report = await work.run(first, connections)
  return { report, bytes: source.total, checksDigest: await verify(first, file, content) }
}

interface Source {
  validator: string
  total: number
  /** Bytes that the first answer brings. */
  firstBytes: number
}

function readSource({ status, headers }: Exchange): Source | undefined {
  const range = parseContentRange(headerOf(headers, 'content-range'))
  const validator = strongValidator(headerOf(headers, 'etag'))
  const plain = codingsOf(headerOf(headers, 'content-encoding')).length === 0
  if (status !== 206 || range?.first !== 0 || range.total === undefined) return undefined
  if (validator === undefined || !plain) return undefined
  return { validator, total: range.total, firstBytes: range.last + 1 }
}

interface Part {
  start: number
  /** The first byte that is not of it. */
  end: number
}

/** The parts of one file and the connections that fetch them. */
class PartWork {
  readonly #options: TransferOptions
  readonly #file: FileTarget
  readonly #source: Source
  readonly #parts: Part[]
  #attempts = 1
  #resumed = 0

  constructor(options: TransferOptions, file: FileTarget, source: Source) {
    this.#options = options
    this.#file = file
    this.#source = source
    this.#parts = []
  }

  async run(first: Exchange, connections: number): Promise<TransferReport> {
    const { total, firstBytes } = this.#source
    const share = (total - firstBytes) / (connections * PARTS_PER_CONNECTION)
    const size = Math.min(Math.max(Math.ceil(share), MIN_PART_BYTES), MAX_PART_BYTES)
    for (let start = firstBytes; start < total; start += size) {
      this.#parts.push({ start, end: Math.min(start + size, total) })
    }
    const helpers = Math.min(connections - 1, this.#parts.length)
    const others = Array.from({ length: helpers }, () => this.#fetchParts())
    const own = this.#fetchFirst(first).then(() => this.#fetchParts())
    const settled = await Promise.allSettled(
      [own, ...others].map((work) => work.catch((error: Error) => this.#giveUp(error))),
    )
    for (const one of settled) if (one.status === 'rejected') throw one.reason
    return {
      exchange: first,
      wireBytes: total,
      attempts: this.#attempts,
      resumed: this.#resumed,
      completeness: 'length',
    }
  }

  /** One part that fails for good ends the others. */
  #giveUp(error: Error): never {
    this.#options.abort(error)
    throw error
  }

  /** What the first answer does not bring to its end is one more part. */
  async #fetchFirst(first: Exchange): Promise<void> {
    const writer = new FileWriter(this.#file.file.fd)
    const { firstBytes } = this.#source
    let received = 0
    try {
      await first
        .body((chunk) => {
          received += chunk.length
          if (received > firstBytes) throw overrun()
          return this.#count(chunk, writer)
        })
        .catch((error: unknown) => {
          const healable = !writer.failed && received <= firstBytes && !this.#options.signal.aborted
          if (!healable) throw error
        })
      await writer.flush().catch(toWriteError)
    } finally {
      await writer.settle()
    }
    if (received < firstBytes) this.#parts.unshift({ start: received, end: firstBytes })
  }

  async #fetchParts(): Promise<void> {
    for (let part = this.#parts.shift(); part !== undefined; part = this.#parts.shift()) {
      const { start, end } = part
      const writer = new FileWriter(this.#file.file.fd, { position: start })
      const progress = { bytes: 0, totalBytes: undefined, attempt: 1 }
      const target = new PartTarget(writer, { ...this.#source, offset: start }, (chunk) =>
        this.#count(chunk, writer),
      )
      try {
        const report = await transfer({ ...this.#options, progress, end }, target)
        this.#attempts += report.attempts - 1
        this.#resumed += report.attempts - 1
      } finally {
        await writer.settle()
      }
    }
  }

  #count(chunk: Buffer, writer: FileWriter): void | Promise<void> {
    this.#options.progress.bytes += chunk.length
    try {
      return writer.write(chunk)?.catch(toWriteError)
    } catch (error) {
      return toWriteError(error)
    }
  }
}

class PartTarget implements TransferTarget {
  readonly start: Partial
  readonly write: ChunkConsumer
  readonly #writer: FileWriter

  constructor(writer: FileWriter, start: Partial, write: ChunkConsumer) {
    this.#writer = writer
    this.start = start
    this.write = write
  }

  begin(): void {
    throw new Error('a part does not begin again')
  }

  async end(): Promise<void> {
    await this.#writer.flush().catch(toWriteError)
  }

  canBeginAgain(): boolean {
    return false
  }
}

/** Parts come in any order, so digests are computed from the file. `Content-Digest` is of the first part only. */
async function verify(
  first: Exchange,
  file: FileTarget,
  content: ContentOptions,
): Promise<boolean> {
  const whole = { 'repr-digest': first.headers['repr-digest'] }
  const expected = [content.verifyServerDigests ? serverDigest(whole) : undefined, content.expected]
  const checks = expected.flatMap((digest) =>
    digest === undefined ? [] : [new DigestCheck(digest)],
  )
  if (checks.length === 0) return false
  for await (const chunk of readBack(file.file)) {
    for (const check of checks) check.update(chunk)
  }
  for (const check of checks) check.verify()
  return true
}
