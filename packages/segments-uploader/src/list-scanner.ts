import { HeldBytes } from './held-bytes.ts'
import { LineSplitter } from './line-splitter.ts'

/**
 * Reads the JSON file as it streams by, holding one element at a time, so that the size of a day does not matter:
 * `{"profiles":[` element `,` element … `]}` with any white space between. Each element is parsed, so what passes
 * is valid JSON to the last byte.
 */
export interface ScannedElement {
  readonly bytes: Buffer
  readonly value: unknown
}

/** Why a document is not a list that may be added to. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const MAX_HEAD_BYTES = 64 * 1024
/** What is larger is not a profile, and would have to be held whole. */
export const MAX_ELEMENT_BYTES = 64 * 1024 * 1024
// Not `\s`: a byte order mark, for one, is no white space to JSON.
const HEAD = /^[\t\n\r ]*\{[\t\n\r ]*("(?:[^"\\]|\\.)*")[\t\n\r ]*:[\t\n\r ]*\[$/
const BLANKS = Buffer.from('\t\n\r ')
const WHITE_SPACE = /^[\t\n\r ]*$/

type Phase = 'head' | 'list' | 'end'

/** Push the bytes in order, then call `end`. */
export class ListScanner {
  readonly #listName: string
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #phase: Phase = 'head'
  readonly #held = new HeldBytes()
  #depth = 0
  #inString = false
  #escaped = false
  #closed = false
  #offset = 0
  #close = -1
  #count = 0

  constructor(listName: string) {
    this.#listName = listName
  }

  /**
   * The elements that these bytes complete.
   * @throws {DocumentError}
   */
  push(chunk: Uint8Array): ScannedElement[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const found: ScannedElement[] = []
    let at = 0
    if (this.#phase === 'head') at = this.#readHead(bytes)
    if (this.#phase === 'list') at = this.#readList(bytes, at, found)
    if (this.#phase === 'end') this.#readEnd(bytes, at)
    this.#offset += bytes.length
    return found
  }

  /**
   * Where the list closes and how many elements it has.
   * @throws {DocumentError}
   */
  end(): { close: number; count: number } {
    if (!this.#closed) throw new DocumentError('it ends early')
    return { close: this.#close, count: this.#count }
  }

  #readHead(bytes: Buffer): number {
    const open = this.#findList(bytes)
    this.#held.push(open === -1 ? bytes : bytes.subarray(0, open + 1))
    if (this.#held.length > MAX_HEAD_BYTES) throw this.#notTheList()
    if (open === -1) return bytes.length
    const name = HEAD.exec(this.#held.take().toString())?.[1]
    if (name !== JSON.stringify(this.#listName)) throw this.#notTheList()
    this.#phase = 'list'
    return open + 1
  }

  /** The first bracket that is not in a name. */
  #findList(bytes: Buffer): number {
    return bytes.findIndex((byte) => {
      if (this.#inString) this.#readString(byte)
      else if (byte === QUOTE) this.#inString = true
      else return byte === OPEN_LIST
      return false
    })
  }

  #readEnd(bytes: Buffer, from: number): void {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] as number
      if (byte === CLOSE_OBJECT && !this.#closed) this.#closed = true
      else if (!BLANKS.includes(byte)) throw this.#notTheList()
    }
  }

  #readList(bytes: Buffer, from: number, found: ScannedElement[]): number {
    let start = from
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] as number
      if (this.#inString) this.#readString(byte)
      else if (byte === QUOTE) this.#inString = true
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#depth += 1
      else if (this.#depth > 0) this.#depth -= byte === CLOSE_LIST || byte === CLOSE_OBJECT ? 1 : 0
      else if (byte === COMMA || byte === CLOSE_LIST) {
        this.#held.push(bytes.subarray(start, at))
        this.#finishElement(byte === CLOSE_LIST, found)
        start = at + 1
        if (byte === CLOSE_LIST) {
          this.#close = this.#offset + at
          this.#phase = 'end'
          return start
        }
      }
    }
    this.#held.push(bytes.subarray(start))
    if (this.#held.length > MAX_ELEMENT_BYTES) throw tooLarge(this.#count)
    return bytes.length
  }

  #readString(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) this.#inString = false
  }

  #finishElement(last: boolean, found: ScannedElement[]): void {
    const bytes = this.#held.take()
    try {
      const text = this.#decoder.decode(bytes)
      if (last && this.#count === 0 && WHITE_SPACE.test(text)) return
      found.push({ bytes, value: JSON.parse(text) })
      this.#count += 1
    } catch {
      throw new DocumentError(`its element ${this.#count} is not valid JSON`)
    }
  }

  #notTheList(): DocumentError {
    return new DocumentError(`it is not an object with the list "${this.#listName}" alone`)
  }
}

/** The same for one JSON value a line. */
export class LineScanner {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  readonly #lines = new LineSplitter(MAX_ELEMENT_BYTES, () => tooLarge(this.#count))
  #close = 0
  #count = 0

  push(chunk: Uint8Array): ScannedElement[] {
    return this.#lines.push(chunk).map((line) => {
      this.#close += line.length + 1
      return { bytes: line, value: this.#parse(line) }
    })
  }

  end(): { close: number; count: number } {
    if (this.#lines.rest() !== undefined) throw new DocumentError('its last line is not complete')
    return { close: this.#close, count: this.#count }
  }

  #parse(line: Buffer): unknown {
    try {
      const value: unknown = JSON.parse(this.#decoder.decode(line))
      this.#count += 1
      return value
    } catch {
      throw new DocumentError(`its line ${this.#count} is not valid JSON`)
    }
  }
}

function tooLarge(count: number): DocumentError {
  return new DocumentError(`its element ${count} is larger than ${MAX_ELEMENT_BYTES} bytes`)
}
