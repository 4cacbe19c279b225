import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createDownloader, type DownloadOptions } from '../src/index.ts'
import { pattern } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

// A slab that is filled anew while somebody needs what was in it corrupts a file without an error. So files are
// compared, under everything that changes who needs what for how long: the sizes of writes and reads, pauses, framing,
// long headers between bodies, aborts next door, and many downloads taking turns on the same connections.

const source = pattern(6 * 1024 * 1024, 7)
const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

// The soak script runs longer and from another start.
const { SLAB_SOAK_MS = '3000', SLAB_SOAK_SEED = '1' } = process.env
let state = Number(SLAB_SOAK_SEED)
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

interface Case {
  bytes: number
  offset: number
  chunked: boolean
  /** Bytes of one write of the server. */
  step: number
  pauses: boolean
  /** Bytes of an extra header. */
  header: number
}

/** Answers `/<case as JSON>` with a piece of the source, in the way the case says. */
const answer: RequestListener = (request, response) => {
  const wanted = JSON.parse(decodeURIComponent(request.url?.slice(1) ?? '')) as Case
  const body = source.subarray(wanted.offset, wanted.offset + wanted.bytes)
  response.writeHead(200, {
    'x-fill': randomBytes(wanted.header).toString('base64url'),
    ...(!wanted.chunked && { 'content-length': wanted.bytes }),
  })
  void (async () => {
    for (let at = 0; at < body.length && !response.destroyed; at += wanted.step) {
      const more = response.write(body.subarray(at, at + wanted.step))
      if (wanted.pauses && random() < 0.05) await sleep(1)
      if (!more)
        await Promise.race([new Promise((resolve) => response.once('drain', resolve)), sleep(1000)])
    }
    response.end()
  })()
}

async function listen(secure: boolean): Promise<{ url: string } & AsyncDisposable> {
  const tls = { key: fixture('localhost-key.pem'), cert: fixture('localhost-certificate.pem') }
  const server = secure ? createSecureServer(tls, answer) : createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function randomCase(): Case {
  const bytes = Math.floor(random() ** 3 * (source.length - 1))
  return {
    bytes,
    offset: Math.floor(random() * (source.length - bytes)),
    chunked: random() < 0.5,
    step: 1 + Math.floor(random() ** 4 * 300_000) + Math.floor(bytes / 2000),
    pauses: random() < 0.3,
    header: random() < 0.3 ? 8000 : 10,
  }
}

/** What a caller does with the chunks: nothing, keeps them all, or holds them back in a callback that is slow or takes turns. */
function randomConsumer(kept: Buffer[]): DownloadOptions {
  const kind = random()
  if (kind < 0.4) return {}
  if (kind < 0.6) return { onData: (chunk) => void kept.push(chunk) }
  let seen = 0
  return {
    onDataChunks: 'lent',
    onData: async (chunk, bytesSoFar) => {
      const before = createHash('md5').update(chunk).digest('hex')
      if (kind < 0.7 && random() < 0.1) await sleep(2)
      else await turn()
      const after = createHash('md5').update(chunk).digest('hex')
      if (after !== before) throw new Error('a lent chunk changed')
      seen += chunk.length
      if (seen !== bytesSoFar) throw new Error('bytes were lost')
    },
  }
}

describe.each([
  ['http', false],
  ['https', true],
])('files over recycled buffers and %s', (_name, secure) => {
  it('are what the server sent, whatever happens around them', {
    timeout: Number(SLAB_SOAK_MS) + 30_000,
  }, async () => {
    await using folder = await temporaryFolder()
    await using server = await listen(secure)
    await using downloader = createDownloader({
      allow: { addresses: ['127.0.0.1'] },
      maxConnectionsPerOrigin: 4,
      maxAttempts: 1,
      ...(secure && { tls: { ca: fixture('localhost-certificate.pem') } }),
    })
    const until = performance.now() + Number(SLAB_SOAK_MS)
    let compared = 0
    const worker = async (name: string): Promise<void> => {
      while (performance.now() < until) {
        const wanted = randomCase()
        const url = server.url + encodeURIComponent(JSON.stringify(wanted))
        const path = folder.file(`${name}.bin`)
        if (random() < 0.2) {
          const signal = AbortSignal.timeout(Math.ceil(random() * 20))
          await downloader.downloadToFile(url, path, { signal }).catch(() => {})
          continue
        }
        const sent = source.subarray(wanted.offset, wanted.offset + wanted.bytes)
        const kept: Buffer[] = []
        const opened = random() < 0.2
        if (opened) {
          const { stream } = await downloader.openDownload(url)
          for await (const chunk of stream) kept.push(chunk as Buffer)
        } else {
          await downloader.downloadToFile(url, path, randomConsumer(kept))
          expect((await readFile(path)).equals(sent), JSON.stringify(wanted)).toBe(true)
        }
        const seen = Buffer.concat(kept)
        if (opened || seen.length > 0) expect(seen.equals(sent), JSON.stringify(wanted)).toBe(true)
        compared += 1
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, index) => worker(`w${index}`)))
    expect(compared).toBeGreaterThan(10)
  })
})
