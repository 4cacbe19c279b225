/**
 * Receive buffers that are used again. Node allocates 64 KiB for every read of a socket, and the kernel has to find
 * fresh pages for them each time; reading into a few large buffers over and over takes a third off a download.
 *
 * The danger is to read into a slab while somebody still needs what was in it: silent corruption. A slab has three
 * users: the kernel and the parser, which `SlabReader` watches, and chunks of a body that wait to be written, counted
 * here by `retainChunk` and `releaseChunk`.
 */
export class Slab {
  readonly buffer: Buffer
  /** Chunks of it that somebody keeps beyond the call that delivered them. */
  uses = 0
  /** Where the last chunk of a body that was delivered from it ends. */
  bodyEnd = 0
  /** Bytes of the connection before its first byte. */
  start = 0
  /** The connection that reads into it; undefined while it is free. */
  owner: SlabOwner | undefined
  readonly #pool: SlabPool

  constructor(bytes: number, pool: SlabPool) {
    this.#pool = pool
    this.buffer = Buffer.allocUnsafeSlow(bytes)
    slabs.set(this.buffer.buffer, this)
  }

  /** Nobody needs it: it may be filled anew. */
  free(): void {
    this.owner = undefined
    this.#pool.give(this)
  }
}

export interface SlabOwner {
  bodyDelivered(slab: Slab): void
  released(): void
}

const slabs = new WeakMap<ArrayBufferLike, Slab>()

/** A chunk of a body has been parsed out of a slab. */
export function noteBodyChunk(chunk: Buffer): void {
  const slab = slabs.get(chunk.buffer)
  if (slab === undefined) return
  slab.bodyEnd = Math.max(slab.bodyEnd, chunk.byteOffset - slab.buffer.byteOffset + chunk.length)
  slab.owner?.bodyDelivered(slab)
}

/** Keeps a chunk beyond the call that delivered it. Harmless for memory of anybody else. */
export function retainChunk(chunk: Buffer): void {
  const slab = slabs.get(chunk.buffer)
  if (slab !== undefined) slab.uses += 1
}

/** Ends one `retainChunk`. Never to be called from inside an HTTP parser. */
export function releaseChunk(chunk: Buffer): void {
  const slab = slabs.get(chunk.buffer)
  if (slab === undefined) return
  slab.uses -= 1
  if (slab.uses === 0) slab.owner?.released()
}

/** The chunk as memory that its taker may keep: a copy if it lies in a slab. */
export function ownChunk(chunk: Buffer): Buffer {
  return slabs.has(chunk.buffer) ? Buffer.from(chunk) : chunk
}

/** Free slabs of one size, at most as many as cover the bytes that downloads keep in flight. */
export class SlabPool {
  readonly #slabBytes: number
  readonly #mostFree: number
  readonly #free: Slab[] = []

  constructor(slabBytes: number, mostFree: number) {
    this.#slabBytes = slabBytes
    this.#mostFree = mostFree
  }

  take(owner: SlabOwner, start: number): Slab {
    const slab = this.#free.pop() ?? new Slab(this.#slabBytes, this)
    slab.owner = owner
    slab.start = start
    slab.bodyEnd = 0
    return slab
  }

  give(slab: Slab): void {
    if (this.#free.length < this.#mostFree) this.#free.push(slab)
  }
}
