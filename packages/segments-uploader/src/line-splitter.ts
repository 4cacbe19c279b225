const NEWLINE = 0x0a

/** Cuts bytes that stream by into lines, holding one of them at most. */
export class LineSplitter {
  readonly #maxBytes: number
  readonly #tooLong: () => Error
  #pieces: Buffer[] = []
  #pieceBytes = 0

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
      lines.push(this.#take())
      start = end + 1
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start))
    return lines
  }

  /** What stands behind the last end of a line, if anything does. */
  rest(): Buffer | undefined {
    return this.#pieceBytes === 0 ? undefined : this.#take()
  }

  #keep(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#pieceBytes += bytes.length
    if (this.#pieceBytes > this.#maxBytes) throw this.#tooLong()
  }

  #take(): Buffer {
    const bytes =
      this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#pieceBytes = 0
    return bytes
  }
}
