import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createDownloader, openDownload } from '../src/index.ts'
import { loopback, pattern, serve, serveRaw } from './serve.ts'

const body = pattern(3_000_000)

describe('openDownload', () => {
  it('answers with the head at once and streams the content', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/pdf',
        'content-length': body.length,
        'content-disposition': 'attachment; filename="../plan.pdf"',
        etag: '"one"',
      })
      response.end(body)
    })
    const { stream, ...head } = await openDownload(`${server.url}/x`, loopback)
    expect(head).toEqual({
      mediaType: 'application/pdf',
      size: body.length,
      fileName: 'plan.pdf',
      etag: '"one"',
      url: `${server.url}/x`,
    })
    expect(Buffer.concat(await stream.toArray()).equals(body)).toBe(true)
  })

  it('has no size when the content is compressed', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body))
    })
    const { stream, size } = await openDownload(server.url, loopback)
    expect(size).toBeUndefined()
    expect(Buffer.concat(await stream.toArray()).equals(body)).toBe(true)
  })

  it('rejects when the server refuses', async () => {
    await using server = await serve((_request, response) => response.writeHead(404).end())
    await expect(openDownload(server.url, loopback)).rejects.toMatchObject({ status: 404 })
  })

  it('errors the stream when the body breaks off', async () => {
    await using server = await serveRaw((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort')
    })
    const { stream } = await openDownload(server.url, { ...loopback, maxAttempts: 1 })
    await expect(stream.toArray()).rejects.toMatchObject({ code: 'FILES_LOCAL_BODY_INCOMPLETE' })
  })

  it('errors the stream when the digest is wrong, after the last byte', async () => {
    await using server = await serve((_request, response) => response.end(body))
    const { stream } = await openDownload(server.url, { ...loopback, sha256: '0'.repeat(64) })
    await expect(stream.toArray()).rejects.toMatchObject({ code: 'FILES_LOCAL_DIGEST_MISMATCHED' })
  })

  it('holds the server back when nobody reads', async () => {
    let sent = 0
    await using server = await serve((_request, response) => {
      const send = (): void => {
        while (sent < 200_000_000 && response.write(body)) sent += body.length
      }
      response.on('drain', send)
      send()
    })
    const { stream } = await openDownload(server.url, loopback)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const before = sent
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(sent).toBe(before)
    expect(sent).toBeLessThan(60_000_000)
    stream.destroy()
  })

  it('ends the request when the stream is destroyed', async () => {
    const closed = Promise.withResolvers<void>()
    await using server = await serve((_request, response) => {
      response.on('close', () => closed.resolve())
      response.write(body)
    })
    const { stream } = await openDownload(server.url, loopback)
    stream.once('data', () => stream.destroy())
    await closed.promise
    expect(stream.errored).toBeNull()
  })

  it('ends the request when the pipeline that reads it fails', async () => {
    await using server = await serve((_request, response) => response.end(body))
    const { stream } = await openDownload(server.url, loopback)
    const mine = new Error('mine')
    const failed = pipeline(stream, async () => {
      throw mine
    })
    await expect(failed).rejects.toBe(mine)
    expect(stream.destroyed).toBe(true)
  })

  it('shares connections through a downloader', async () => {
    await using server = await serve((_request, response) => response.end('hello'))
    await using downloader = createDownloader(loopback)
    for (let count = 0; count < 3; count += 1) {
      const { stream } = await downloader.openDownload(server.url)
      expect(Buffer.concat(await stream.toArray()).toString()).toBe('hello')
    }
    expect(server.connections).toBe(1)
  })
})
