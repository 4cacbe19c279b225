import type { OnReadOpts, Socket } from 'node:net'
import type { Slab, SlabOwner, SlabPool } from './slab.ts'

/** Slabs for a connection that has received little, and for one that has received much. */
export interface SlabPools {
  small: SlabPool
  large: SlabPool
}

/** Bytes of an answer after which it is given large slabs: hundreds of small ones must not hold a megabyte each. */
const LARGE_AFTER_BYTES = 256 * 1024
/** Least room for a read. A file of 64 KiB and its head come in one then, for which everything from here on runs once. */
const MIN_READ_BYTES = 72 * 1024
/** Bytes that wait for the parser, from which on the kernel is asked to keep the rest. */
export const SOCKET_HIGH_WATER_BYTES = 1024 * 1024
/** Slabs that wait to be free; beyond, the oldest is left to the garbage collector. */
const MAX_RETIRED = 64

interface Retired {
  slab: Slab
  /** Bytes used of it. */
  end: number
}

/**
 * Reads a socket into slabs and hands what has come to its readable side, one piece at a time: a stream copies pieces
 * that wait in it together when it is read. A slab may be used again when
 * 1. the kernel no longer reads into it: it is not the current one;
 * 2. the parser is beyond it: a chunk of a body has come from its very end or from a later slab. That the parser has
 *    read it is not enough, for it keeps the pieces of a header until the header is complete;
 * 3. every chunk of a body that lies in it has been released.
 */
export class SlabReader implements SlabOwner {
  readonly #pools: SlabPools
  readonly #coalesce: boolean
  #socket: Socket | undefined
  #slab: Slab
  /** In the current slab: bytes that are filled, and bytes that have been pushed. */
  #filled = 0
  #pushed = 0
  /** What was not pushed of former slabs. */
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** Bytes of the connection before the current slab. */
  #start = 0
  /** Bytes of the connection before the newest slab that a chunk of a body came from. */
  #bodyFrom = 0
  /** Bytes that the requests of this connection had when the last slab was taken, and its own bytes at the last change. */
  #requested = 0
  #answerStart = 0
  #retired: Retired[] = []
  #pushScheduled = false
  #closed = false

  /** `coalesce` collects what one round of the event loop brings: TLS delivers 16 KiB at a time. */
  constructor(pools: SlabPools, coalesce: boolean) {
    this.#pools = pools
    this.#coalesce = coalesce
    this.#slab = pools.small.take(this, 0)
  }

  /** For the `onread` option of a socket. Node asks for the next buffer after each read. */
  readonly onread: OnReadOpts = {
    buffer: () => this.#nextBuffer(),
    callback: (bytes) => this.#onRead(bytes),
  }

  /** The connected socket, before anybody listens to it. */
  attach(socket: Socket): void {
    this.#socket = socket
    const { push, read } = socket
    socket.read = (size) => {
      this.#push()
      return read.call(socket, size)
    }
    socket.push = (chunk, encoding) => {
      if (chunk === null) this.#pushRest()
      return push.call(socket, chunk, encoding)
    }
    // The parser takes leave in its own 'close' listener, which comes after this one.
    socket.once('close', () => setImmediate(() => this.#close()))
    this.#push()
  }

  bodyDelivered(slab: Slab): void {
    this.#bodyFrom = Math.max(this.#bodyFrom, slab.start)
  }

  released(): void {
    this.#reclaim()
  }

  #nextBuffer(): Buffer {
    if (this.#slab.buffer.length - this.#filled < MIN_READ_BYTES) this.#retire()
    return this.#slab.buffer.subarray(this.#filled)
  }

  #onRead(bytes: number): boolean {
    this.#filled += bytes
    if (!this.#coalesce) this.#push()
    else if (!this.#pushScheduled) {
      this.#pushScheduled = true
      setImmediate(() => {
        this.#pushScheduled = false
        this.#push()
      })
    }
    const given = this.#socket?.readableLength ?? 0
    return this.#filled - this.#pushed + this.#waitingBytes + given < SOCKET_HIGH_WATER_BYTES
  }

  /** Gives the stream the next piece, unless it still has one. */
  #push(): void {
    if (this.#socket === undefined || this.#closed || this.#socket.readableLength > 0) return
    const piece = this.#nextPiece()
    if (piece !== undefined) this.#socket.push(piece)
  }

  /** The connection ends: everything goes before its end. */
  #pushRest(): void {
    for (let piece = this.#nextPiece(); piece !== undefined; piece = this.#nextPiece()) {
      this.#socket?.push(piece)
    }
  }

  #nextPiece(): Buffer | undefined {
    const piece = this.#waiting.shift()
    if (piece === undefined) return this.#cut()
    this.#waitingBytes -= piece.length
    return piece
  }

  /** What is filled of the current slab and has not been given away. */
  #cut(): Buffer | undefined {
    const from = this.#pushed
    this.#pushed = this.#filled
    return from === this.#filled ? undefined : this.#slab.buffer.subarray(from, this.#filled)
  }

  #retire(): void {
    const rest = this.#cut()
    if (rest !== undefined) {
      this.#waiting.push(rest)
      this.#waitingBytes += rest.length
    }
    this.#start += this.#filled
    this.#retired.push({ slab: this.#slab, end: this.#filled })
    this.#reclaim()
    if (this.#retired.length > MAX_RETIRED) this.#retired.shift()
    this.#slab = this.#pool().take(this, this.#start)
    this.#filled = 0
    this.#pushed = 0
  }

  /** What has been sent since the last slab is another request: its answer may be small, whatever the last one was. */
  #pool(): SlabPool {
    const requested = this.#socket?.bytesWritten ?? 0
    if (requested !== this.#requested) this.#answerStart = this.#start
    this.#requested = requested
    const { small, large } = this.#pools
    return this.#start - this.#answerStart < LARGE_AFTER_BYTES ? small : large
  }

  #reclaim(): void {
    this.#retired = this.#retired.filter(({ slab, end }) => {
      const parsed = this.#closed || slab.bodyEnd === end || slab.start < this.#bodyFrom
      const free = parsed && slab.uses === 0
      if (free) slab.free()
      return !free
    })
  }

  #close(): void {
    this.#closed = true
    this.#retired.push({ slab: this.#slab, end: this.#filled })
    this.#reclaim()
  }
}
