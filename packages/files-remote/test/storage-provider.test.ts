import type { Readable } from 'node:stream'
import { describe, expectTypeOf, it } from 'vitest'
import type { GetResult, PutRequest, SignUrlRequest, StorageProvider } from '../src/index.ts'

/** What a consumer may ask for by shape, without knowing this package. */
interface AppendTarget {
  readonly get: (request: { key: string; ifMatch?: string; signal?: AbortSignal }) => Promise<{
    body: Readable
    etag: string
    sizeBytes: number
  }>
  readonly put: (request: {
    key: string
    body: Uint8Array | Readable
    ifMatch?: string
    ifNoneMatch?: '*'
  }) => Promise<{ etag: string }>
}

describe('StorageProvider', () => {
  it('satisfies a port of somebody else by shape', () => {
    expectTypeOf<StorageProvider>().toExtend<AppendTarget>()
  })

  it('gives a stream and takes streams, bytes and files', () => {
    expectTypeOf<GetResult['body']>().toEqualTypeOf<Readable>()
    expectTypeOf<Readable>().toExtend<PutRequest['body']>()
    expectTypeOf<{ path: string }>().toExtend<PutRequest['body']>()
    expectTypeOf<string>().not.toExtend<PutRequest['body']>()
  })

  it('signs no form without a limit', () => {
    expectTypeOf<{ method: 'POST'; key: string }>().not.toExtend<SignUrlRequest>()
    expectTypeOf<{ method: 'POST'; key: string; maxBytes: number }>().toExtend<SignUrlRequest>()
  })

  it('compares its calls strictly: an adapter that takes less is none', () => {
    type Picky = Omit<StorageProvider, 'put'> & {
      put: (request: PutRequest & { body: Uint8Array }) => ReturnType<StorageProvider['put']>
    }
    expectTypeOf<Picky>().not.toExtend<StorageProvider>()
  })
})
