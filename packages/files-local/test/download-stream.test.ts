import { readFile } from 'node:fs/promises'
import { IntegrationError } from '@mortise/errors'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type DownloadStreamSuccess, downloadStream } from '../src/index.ts'
import { loopback, pattern, serve, serveRaw } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(300_000)

describe('downloadStream', () => {
  it('writes the file and resolves to { success: true }', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const answer = await downloadStream(
      {
        pathToWrite: folder.file('a.bin'),
        downloadRequestParams: { downloadUrl: server.url, headers: { 'X-Api-Key': 'k' } },
      },
      loopback,
    )
    expect(answer).toEqual({ success: true })
    expect((await readFile(folder.file('a.bin'))).equals(body)).toBe(true)
    expect(await folder.list()).toEqual(['a.bin'])
    expect(server.requests[0]?.headers['x-api-key']).toBe('k')
  })

  it('calls onData with every chunk and the bytes so far, then onEnd when the file stands', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const chunks: Buffer[] = []
    const counts: number[] = []
    const answer = await downloadStream(
      {
        pathToWrite: folder.file('a.bin'),
        downloadRequestParams: { downloadUrl: server.url },
        callbacks: {
          onData: (chunk, bytesSoFar) => {
            chunks.push(chunk)
            counts.push(bytesSoFar)
          },
          onEnd: async () => (await readFile(folder.file('a.bin'))).length,
        },
      },
      loopback,
    )
    expect(answer).toBe(body.length)
    expect(Buffer.concat(chunks).equals(body)).toBe(true)
    expect(counts.at(-1)).toBe(body.length)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  })

  it('resolves to { success: true } when onEnd returns nothing', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const answer = await downloadStream(
      {
        pathToWrite: folder.file('a.bin'),
        downloadRequestParams: { downloadUrl: server.url },
        callbacks: { onEnd: () => undefined },
      },
      loopback,
    )
    expect(answer).toEqual({ success: true })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('rejects with type onDataCallback when onData %s', async (_how, onData) => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const failed = await downloadStream(
      {
        pathToWrite: folder.file('a.bin'),
        downloadRequestParams: { downloadUrl: server.url },
        callbacks: { onData },
      },
      loopback,
    ).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(IntegrationError)
    expect(failed).toMatchObject({ type: 'onDataCallback', error: new Error('mine') })
    expect(await folder.list()).toEqual([])
  })

  it('rejects with type onEndCallback when onEnd throws, and the file stays', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const mine = new Error('mine')
    const failed = await downloadStream(
      {
        pathToWrite: folder.file('a.bin'),
        downloadRequestParams: { downloadUrl: server.url },
        callbacks: {
          onEnd: () => {
            throw mine
          },
        },
      },
      loopback,
    ).catch((error: unknown) => error)
    expect(failed).toMatchObject({ type: 'onEndCallback', error: mine })
    expect(await folder.list()).toEqual(['a.bin'])
  })

  it('rejects with type StreamPipelineError when the connection drops in the body', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveRaw((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nonly this')
    })
    const failed = await downloadStream(
      { pathToWrite: folder.file('a.bin'), downloadRequestParams: { downloadUrl: server.url } },
      { ...loopback, maxAttempts: 1 },
    ).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      type: 'StreamPipelineError',
      code: 'FILES_LOCAL_BODY_INCOMPLETE',
    })
    expect((failed as { error: unknown }).error).toBeInstanceOf(Error)
    expect(await folder.list()).toEqual([])
  })

  it('rejects without a type when the folder is missing, and sends no request', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const failed = await downloadStream(
      {
        pathToWrite: folder.file('missing/a.bin'),
        downloadRequestParams: { downloadUrl: server.url },
      },
      loopback,
    ).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(IntegrationError)
    expect(failed).toMatchObject({ code: 'FILES_LOCAL_TARGET_UNWRITABLE' })
    expect(failed).not.toHaveProperty('type')
    expect(server.requests).toEqual([])
  })

  it('rejects without a type when the address is not public', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const failed = await downloadStream({
      pathToWrite: folder.file('a.bin'),
      downloadRequestParams: { downloadUrl: server.url },
    }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ kind: 'permanent', code: 'FILES_LOCAL_ADDRESS_REFUSED' })
    expect(failed).not.toHaveProperty('type')
    expect(server.connections).toBe(0)
    expect(await folder.list()).toEqual([])
  })

  it('rejects without a type when the server refuses, with its status', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) =>
      response.writeHead(404).end('no such file'),
    )
    const failed = await downloadStream(
      { pathToWrite: folder.file('a.bin'), downloadRequestParams: { downloadUrl: server.url } },
      loopback,
    ).catch((error: unknown) => error)
    expect(failed).toMatchObject({ kind: 'permanent', status: 404 })
    expect(failed).not.toHaveProperty('type')
    expect(await folder.list()).toEqual([])
  })

  it('throws a TypeError that names a parameter of the wrong type', async () => {
    // @ts-expect-error a caller without types
    await expect(downloadStream({ pathToWrite: 7 })).rejects.toThrow(
      /^pathToWrite must be a string/,
    )
    await expect(
      // @ts-expect-error a caller without types
      downloadStream({ pathToWrite: 'x', downloadRequestParams: {} }),
    ).rejects.toThrow(/downloadUrl/)
  })

  it('types what it resolves to by what onEnd returns', () => {
    const params = {
      pathToWrite: 'x',
      downloadRequestParams: { downloadUrl: 'https://example.com' },
    }
    expectTypeOf(() =>
      downloadStream(params),
    ).returns.resolves.toEqualTypeOf<DownloadStreamSuccess>()
    expectTypeOf(() =>
      downloadStream({ ...params, callbacks: { onEnd: () => 7 } }),
    ).returns.resolves.toEqualTypeOf<DownloadStreamSuccess | number>()
  })
})
