/** Bytes of one thing that arrive in pieces; they are copied once, when they are taken, if at all. */
export class HeldBytes {
  #pieces: Buffer[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#length += bytes.length
  }

  /** All of them in one; nothing is held any more. */
  take(): Buffer {
    const [only] = this.#pieces
    const bytes = only && this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#length = 0
    return bytes
  }
}
