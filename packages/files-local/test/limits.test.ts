import { describe, expect, it } from 'vitest'
import { type DownloadOptions, downloadToFile } from '../src/index.ts'
import { readLimits } from '../src/limits.ts'
import { failure } from './failure.ts'
import { loopback, serveRaw } from './serve.ts'

describe('a number among the options', () => {
  it.each([
    [{ connections: 0 }, 'option connections must be a whole number of 1 or more, received 0'],
    [{ connections: 2.5 }, 'a whole number of 1 or more'],
    [{ connections: Number.POSITIVE_INFINITY }, 'a whole number of 1 or more'],
    [{ maxAttempts: 0 }, 'a whole number of 1 or more'],
    [{ maxRedirects: -1 }, 'a whole number of 0 or more'],
    [{ maxConnectionsPerOrigin: 1.5 }, 'a whole number of 0 or more'],
    [{ maxBytes: 0 }, 'a number of 1 or more'],
    [{ maxBytes: Number.NaN }, 'received NaN'],
    [{ maxDecompressionRatio: 0 }, 'a number of 1 or more'],
    [{ minBytesPerSecond: Number.POSITIVE_INFINITY }, 'a number of 0 or more'],
    [{ idleTimeoutMs: -1 }, 'a number from 0 to 2147483647'],
    [{ totalTimeoutMs: 2 ** 31 }, 'a number from 0 to 2147483647'],
    [{ progressIntervalMs: Number.POSITIVE_INFINITY }, 'a number from 0 to 2147483647'],
    [{ headersTimeoutMs: '5' as unknown as number }, "received '5'"],
    [{ mode: 0o10000 }, 'option mode must be permission bits'],
    [{ mode: Number.NaN }, 'option mode must be permission bits'],
  ] satisfies [DownloadOptions, string][])('%j is a TypeError', async (options, message) => {
    const failed = downloadToFile('http://127.0.0.1:1/', 'never', { ...loopback, ...options })
    await expect(failed).rejects.toThrow(TypeError)
    await expect(failed).rejects.toThrow(message)
  })

  it('may be Infinity where there need not be an end', () => {
    const endless = Number.POSITIVE_INFINITY
    expect(
      readLimits({
        headersTimeoutMs: endless,
        totalTimeoutMs: endless,
        maxRetryAfterMs: endless,
        maxBytes: endless,
        maxConnectionsPerOrigin: endless,
      }),
    ).toMatchObject({
      headersTimeoutMs: 0,
      totalTimeoutMs: 0,
      maxRetryAfterMs: 2 ** 31 - 1,
      maxBytes: endless,
      maxConnectionsPerOrigin: 0,
    })
  })
})

it.each([-1, Number.NaN, undefined])('a backoff of %j is a TypeError', async (answer) => {
  await using server = await serveRaw((socket) => socket.destroy())
  const backoffMs = (): number => answer as number
  expect(await failure(server.url, { maxAttempts: 2, backoffMs })).toBeInstanceOf(TypeError)
})
