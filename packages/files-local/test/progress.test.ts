import { describe, expect, it } from 'vitest'
import { type DownloadProgress, downloadToFile } from '../src/index.ts'
import { loopback, pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(500_000)

/** Sends the body in ten parts. */
const slowly = (): ReturnType<typeof serve> =>
  serve((_request, response) => {
    response.writeHead(200, { 'content-length': body.length })
    let at = 0
    const timer = setInterval(() => {
      response.write(body.subarray(at, at + body.length / 10))
      at += body.length / 10
      if (at >= body.length) {
        clearInterval(timer)
        response.end()
      }
    }, 20)
  })

function expectSound(reports: DownloadProgress[]): void {
  expect(reports.length).toBeGreaterThan(2)
  expect(reports.map(({ bytes }) => bytes)).toEqual(
    reports.map(({ bytes }) => bytes).toSorted((a, b) => a - b),
  )
  expect(reports.at(-1)).toMatchObject({ bytes: body.length, totalBytes: body.length, attempt: 1 })
  expect(reports.at(-1)?.bytesPerSecond).toBeGreaterThan(100_000)
  expect(reports.some(({ remainingMs }) => (remainingMs ?? 0) > 0)).toBe(true)
}

describe('progress', () => {
  it('is told to onProgress, one call at a time', async () => {
    await using folder = await temporaryFolder()
    await using server = await slowly()
    const reports: DownloadProgress[] = []
    let running = 0
    await downloadToFile(server.url, folder.file('a'), {
      ...loopback,
      progressIntervalMs: 5,
      onProgress: async (progress) => {
        running += 1
        expect(running).toBe(1)
        reports.push(progress)
        await new Promise((resolve) => setTimeout(resolve, 15))
        running -= 1
      },
    })
    expectSound(reports)
  })

  it('can be iterated', async () => {
    await using folder = await temporaryFolder()
    await using server = await slowly()
    const download = downloadToFile(server.url, folder.file('a'), {
      ...loopback,
      progressIntervalMs: 20,
    })
    const reports = await Array.fromAsync(download)
    expectSound(reports)
    expect((await download).bytes).toBe(body.length)
  })

  it('throws into the loop what the download fails with', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.writeHead(404).end())
    const download = downloadToFile(server.url, folder.file('a'), loopback)
    await expect(Array.fromAsync(download)).rejects.toMatchObject({ status: 404 })
  })

  it('may be left before its end; the download goes on', async () => {
    await using folder = await temporaryFolder()
    await using server = await slowly()
    const download = downloadToFile(server.url, folder.file('a'), {
      ...loopback,
      progressIntervalMs: 5,
    })
    for await (const _ of download) break
    expect((await download).bytes).toBe(body.length)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('ends the download when onProgress %s', async (_how, onProgress) => {
    await using folder = await temporaryFolder()
    await using server = await slowly()
    const failed = downloadToFile(server.url, folder.file('a'), {
      ...loopback,
      progressIntervalMs: 10,
      onProgress,
    })
    await expect(failed).rejects.toMatchObject({
      code: 'FILES_LOCAL_CALLBACK_FAILED',
      cause: new Error('mine'),
      details: { callback: 'onProgress' },
    })
    expect(await folder.list()).toEqual([])
  })
})
