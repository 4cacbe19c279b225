import { HeldBytes } from './held-bytes.ts'

const NEWLINE = 0x0a

/** Cuts bytes that stream by into lines, holding one of them at most. */
export class LineSplitter {
  readonly #maxBytes: number
  readonly #tooLong: () => Error
  readonly #held = new HeldBytes()

  constructor(maxBytes: number, tooLong: () => Error) {
    this.#maxBytes = maxBytes
    this.#tooLong = tooLong
  }

  /** The lines that these bytes complete, without their ends. */
  push(chunk: Uint8Array): Buffer[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: Buffer[] = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#keep(bytes.subarray(start, end))
      lines.push(this.#held.take())
      start = end + 1
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start))
    return lines
  }

  /** What stands behind the last end of a line, if anything does. */
  rest(): Buffer | undefined {
    return this.#held.length === 0 ? undefined : this.#held.take()
  }

  #keep(bytes: Buffer): void {
    this.#held.push(bytes)
    if (this.#held.length > this.#maxBytes) throw this.#tooLong()
  }
}
