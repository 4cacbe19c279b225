import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createDownloader, type DownloadOutcome, downloadMany } from '../src/index.ts'
import { loopback, pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const file = (index: number): Buffer => pattern(1000 + index * 17, index + 1)

describe('downloadMany', () => {
  it('downloads all over a few connections, at most so many at a time', async () => {
    await using folder = await temporaryFolder()
    let running = 0
    let most = 0
    await using server = await serve((request, response) => {
      running += 1
      most = Math.max(most, running)
      setTimeout(() => {
        running -= 1
        response.end(file(Number(request.url?.slice(1))))
      }, 2)
    })
    const items = Array.from({ length: 60 }, (_, index) => ({
      url: `${server.url}/${index}`,
      path: folder.file(`${index}`),
      index,
    }))
    const outcomes = await Array.fromAsync(downloadMany(items, { ...loopback, concurrency: 5 }))
    expect(outcomes).toHaveLength(60)
    for (const { item, result } of outcomes) {
      expect(result?.bytes).toBe(file(item.index).length)
      expect((await readFile(item.path)).equals(file(item.index))).toBe(true)
    }
    expect(most).toBeLessThanOrEqual(5)
    expect(server.connections).toBeLessThanOrEqual(6)
  })

  it('goes on when one fails, and tells which', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((request, response) => {
      response.writeHead(request.url === '/bad' ? 404 : 200).end('x')
    })
    const items = ['good', 'bad', 'better'].map((name) => ({
      url: `${server.url}/${name}`,
      path: folder.file(name),
    }))
    const outcomes = await Array.fromAsync(downloadMany(items, loopback))
    const failed = outcomes.filter(({ error }) => error !== undefined)
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({ item: items[1], error: { status: 404 } })
    expect(await folder.list()).toEqual(['better', 'good'])
  })

  it('takes items only as there is room', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end('x'))
    let taken = 0
    const endless = async function* () {
      for (;;) {
        taken += 1
        yield { url: server.url, path: folder.file(String(taken)) }
      }
    }
    const outcomes: DownloadOutcome[] = []
    for await (const outcome of downloadMany(endless(), { ...loopback, concurrency: 2 })) {
      outcomes.push(outcome)
      if (outcomes.length === 10) break
    }
    expect(taken).toBeLessThanOrEqual(14)
  })

  it('stops the others when the loop is left, and leaves nothing half done', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((request, response) => {
      if (request.url === '/fast') response.end('x')
      else response.write('never ends')
    })
    const items = ['fast', 'slow', 'slower'].map((name) => ({
      url: `${server.url}/${name}`,
      path: folder.file(name),
    }))
    for await (const outcome of downloadMany(items, loopback)) {
      expect(outcome.error).toBeUndefined()
      break
    }
    expect(await folder.list()).toEqual(['fast'])
  })

  it('throws what the source of the items throws, and stops what runs', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.write('never ends'))
    const failing = async function* () {
      yield { url: server.url, path: folder.file('a') }
      throw new Error('no more addresses')
    }
    const all = Array.fromAsync(downloadMany(failing(), loopback))
    await expect(all).rejects.toThrow('no more addresses')
    expect(await folder.list()).toEqual([])
  })

  it('gives each item options of its own', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end('x'))
    const item = { url: server.url, path: folder.file('a'), options: { headers: { 'x-own': '1' } } }
    await using downloader = createDownloader({ ...loopback, headers: { 'x-shared': '2' } })
    await Array.fromAsync(downloader.downloadMany([item]))
    expect(server.requests[0]?.headers['x-own']).toBe('1')
  })

  it.each([0, -1, 1.5, Number.NaN])('a concurrency of %d is a TypeError', async (concurrency) => {
    await expect(Array.fromAsync(downloadMany([], { concurrency }))).rejects.toThrow(TypeError)
  })
})
