import { PermanentError } from '@mortise/errors'
import type {
  SegmentContent,
  SegmentObject,
  SegmentPart,
  SegmentPut,
  SegmentRange,
  SegmentTarget,
} from '../segment-target.ts'
import { SEGMENTS_CODES } from '../segments-errors.ts'

export interface MemorySegmentTargetOptions {
  /** What `compose` needs of every part but the last. Default 0. `false`: no `compose`, as on a plain store. */
  minPartBytes?: number | false | undefined
  /** Whether conditions are kept. Default `true`. */
  conditionalWrites?: boolean | undefined
}

/** A target that forgets with the process: for tests, and to try things out. */
export interface MemorySegmentTarget extends SegmentTarget {
  /** The text of an object; `undefined` when there is none. */
  readonly read: (key: string) => string | undefined
}

interface Stored extends SegmentObject {
  readonly bytes: Buffer
}

/** Makes an empty store. Each answer comes at the next turn of the event loop, as from a real one. */
export function createMemorySegmentTarget(
  options: MemorySegmentTargetOptions = {},
): MemorySegmentTarget {
  const { minPartBytes = 0, conditionalWrites = true } = options
  const objects = new Map<string, Stored>()
  let version = 0

  const write = (request: Omit<SegmentPut, 'body'>, bytes: Buffer) => {
    const { key, metadata, ifMatch, ifNoneMatch } = request
    const etag = objects.get(key)?.etag
    if (conditionalWrites && ifMatch !== undefined && etag !== ifMatch) throw refused(key)
    if (conditionalWrites && ifNoneMatch !== undefined && etag !== undefined) throw refused(key)
    version += 1
    const stored = { etag: `v${version}`, sizeBytes: bytes.length, metadata, bytes }
    objects.set(key, stored)
    return { etag: stored.etag }
  }

  const read = (key: string, ifMatch: string | undefined, range?: SegmentRange) => {
    const stored = objects.get(key)
    if (!stored) throw missing(key)
    if (ifMatch !== undefined && stored.etag !== ifMatch) throw refused(key)
    const end = range?.end === undefined ? undefined : range.end + 1
    return { ...stored, bytes: stored.bytes.subarray(range?.start ?? 0, end) }
  }

  const bytesOf = (part: SegmentPart) =>
    'body' in part ? part.body : read(part.key, part.ifMatch, part.range).bytes

  return {
    capabilities: {
      conditionalWrites,
      compose: minPartBytes === false ? false : { minPartBytes },
    },
    put: async (request) => {
      await turn(request.signal)
      return write(request, await collect(request.body))
    },
    get: async ({ key, range, ifMatch, signal }): Promise<SegmentContent> => {
      await turn(signal)
      const { bytes, ...stored } = read(key, ifMatch, range)
      return { ...stored, body: once(bytes) }
    },
    stat: async ({ key, signal }) => {
      await turn(signal)
      return objects.get(key) ?? null
    },
    compose: async (request) => {
      await turn(request.signal)
      if (minPartBytes === false) throw unsupported(request.key)
      return write(request, Buffer.concat(request.parts.map(bytesOf)))
    },
    async *list({ prefix }) {
      await turn(undefined)
      for (const key of [...objects.keys()].sort(byCodeUnit)) {
        const sizeBytes = objects.get(key)?.sizeBytes
        if (sizeBytes === undefined || !key.startsWith(prefix)) continue
        yield { kind: 'object', key, sizeBytes }
      }
    },
    delete: async ({ key, signal }) => {
      await turn(signal)
      objects.delete(key)
    },
    read: (key) => objects.get(key)?.bytes.toString(),
  }
}

async function turn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  signal?.throwIfAborted()
}

async function collect(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function refused(key: string): PermanentError {
  return new PermanentError(`${key}: the condition does not hold`, {
    code: SEGMENTS_CODES.preconditionFailed,
    status: 412,
    outcome: 'rejected',
  })
}

function missing(key: string): PermanentError {
  return new PermanentError(`${key}: no such object`, {
    code: SEGMENTS_CODES.objectNotFound,
    status: 404,
  })
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : 1
}

function unsupported(key: string): PermanentError {
  return new PermanentError(`${key}: this store cannot compose`, {
    code: SEGMENTS_CODES.targetFailed,
    status: 501,
    outcome: 'rejected',
  })
}
