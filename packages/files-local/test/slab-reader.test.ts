import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { noteBodyChunk, releaseChunk, retainChunk, SlabPool } from '../src/slab.ts'
import { SlabReader } from '../src/slab-reader.ts'

const SLAB = 128 * 1024

/** A reader over pools of one free slab, and what the kernel and the parser do to it. */
function setup() {
  const pools = { small: new SlabPool(SLAB, 4), large: new SlabPool(SLAB, 4) }
  const reader = new SlabReader(pools, false)
  const socket = new Readable({ highWaterMark: 10 * SLAB, read() {} })
  reader.attach(socket as Socket)
  const { buffer, callback } = reader.onread as {
    buffer: () => Buffer
    callback: (bytes: number, buffer: Buffer) => boolean
  }
  return {
    pools,
    /** The kernel fills the current slab to its end; answers which memory that was. */
    fill: (): ArrayBufferLike => {
      const region = buffer()
      callback(region.length, region)
      return region.buffer
    },
    /** The kernel asks where to read to next; whether that is in memory it has filled before. */
    reuses: (memory: ArrayBufferLike): boolean => {
      const next = buffer().buffer === memory
      const other = { bodyDelivered() {}, released() {} }
      return next || pools.small.take(other, 0).buffer.buffer === memory
    },
    /** The parser takes all that has come. */
    parse: (): Buffer => socket.read() as Buffer,
  }
}

/** Fills a slab with a body, lets it be parsed, and moves on to the next slab. */
function deliver(test: ReturnType<typeof setup>): { memory: ArrayBufferLike; chunk: Buffer } {
  const memory = test.fill()
  const chunk = test.parse()
  noteBodyChunk(chunk)
  return { memory, chunk }
}

describe('a slab', () => {
  it('is used again when it is parsed and released', () => {
    const test = setup()
    const { memory } = deliver(test)
    expect(test.reuses(memory)).toBe(true)
  })

  it('is not while the kernel reads into it', () => {
    const test = setup()
    const { memory } = deliver(test)
    const other = { bodyDelivered() {}, released() {} }
    expect(test.pools.small.take(other, 0).buffer.buffer === memory).toBe(false)
  })

  it('is not before the parser has read it, and is afterwards', () => {
    const test = setup()
    const memory = test.fill()
    expect(test.reuses(memory)).toBe(false)
    const chunk = test.parse()
    noteBodyChunk(chunk)
    retainChunk(chunk)
    releaseChunk(chunk)
    expect(test.reuses(memory)).toBe(true)
  })

  it('is not while a chunk of it is kept, and is when the last one is released', () => {
    const test = setup()
    const { memory, chunk } = deliver(test)
    retainChunk(chunk.subarray(0, 10))
    retainChunk(chunk.subarray(10))
    releaseChunk(chunk)
    expect(test.reuses(memory)).toBe(false)
    releaseChunk(chunk)
    expect(test.reuses(memory)).toBe(true)
  })

  it('is not while headers may lie in it, and is when a body has come from a later slab', () => {
    const test = setup()
    const memory = test.fill()
    const chunk = test.parse()
    // The body ends before the slab does: the rest may be the start of the next response.
    noteBodyChunk(chunk.subarray(0, SLAB - 100))
    expect(test.reuses(memory)).toBe(false)
    deliver(test)
    const again = [test.reuses(memory), test.reuses(memory)]
    expect(again).toContain(true)
  })
})

it('an answer gets large slabs when it is long, and the next one small slabs again', () => {
  const pools = { small: new SlabPool(SLAB, 4), large: new SlabPool(4 * SLAB, 4) }
  const reader = new SlabReader(pools, false)
  const socket = new Readable({ highWaterMark: 100 * SLAB, read() {} })
  reader.attach(Object.assign(socket, { bytesWritten: 10 }) as unknown as Socket)
  const { buffer, callback } = reader.onread as {
    buffer: () => Buffer
    callback: (bytes: number, buffer: Buffer) => boolean
  }
  const fill = (): number => {
    const region = buffer()
    callback(region.length, region)
    socket.read()
    return region.length / SLAB
  }
  expect(Array.from({ length: 7 }, fill)).toEqual([1, 1, 1, 4, 4, 4, 4])
  Object.assign(socket, { bytesWritten: 20 })
  expect(Array.from({ length: 6 }, fill)).toEqual([1, 1, 4, 4, 4, 4])
})

it('pieces that wait are handed over one by one and not copied together', () => {
  const test = setup()
  const memories = [test.fill(), test.fill(), test.fill()]
  expect([test.parse(), test.parse(), test.parse()].map((piece) => piece.buffer)).toEqual(memories)
  expect(test.parse()).toBe(null)
})

it('memory of anybody else can be kept and released', () => {
  const own = Buffer.from('own')
  noteBodyChunk(own)
  retainChunk(own)
  releaseChunk(own)
  expect(own.toString()).toBe('own')
})

it('a reader whose bytes wait asks the kernel to wait', () => {
  const reader = new SlabReader(
    { small: new SlabPool(SLAB, 1), large: new SlabPool(2 * SLAB, 9) },
    false,
  )
  const socket = new Readable({ highWaterMark: 10 * SLAB, read() {} })
  reader.attach(socket as Socket)
  const { buffer, callback } = reader.onread as {
    buffer: () => Buffer
    callback: (bytes: number, buffer: Buffer) => boolean
  }
  let wants = true
  let bytes = 0
  for (let reads = 0; wants && reads < 100; reads += 1) {
    const region = buffer()
    bytes += region.length
    wants = callback(region.length, region)
  }
  expect(wants).toBe(false)
  expect(bytes).toBeLessThan(2 * 1024 * 1024)
  socket.read()
  const region = buffer()
  expect(callback(10, region)).toBe(true)
})

it('what came before the end of a connection is pushed before its end', async () => {
  const reader = new SlabReader(
    { small: new SlabPool(SLAB, 1), large: new SlabPool(SLAB, 1) },
    true,
  )
  const socket = new Readable({ read() {} })
  reader.attach(socket as Socket)
  const { buffer, callback } = reader.onread as {
    buffer: () => Buffer
    callback: (bytes: number, buffer: Buffer) => boolean
  }
  const region = buffer()
  region.write('hello')
  callback(5, region)
  socket.push(null)
  expect(Buffer.concat(await socket.toArray()).toString()).toBe('hello')
})
