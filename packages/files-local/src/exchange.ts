import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { permanent } from './download-error.ts'
import type { Limits } from './limits.ts'
import { type ChunkConsumer, type ResponseHead, ResponseReceiver } from './response-receiver.ts'
import type { Transport } from './transport.ts'

/** One answered request, redirects followed. */
export interface Exchange extends ResponseHead {
  /** Where the answer came from, after redirects. */
  url: URL
  redirects: number
  /** Hands over the body; settles when it is complete and, one turn later, undici has its connection free again. */
  body(consume: ChunkConsumer): Promise<void>
  /** Gives the answer up. */
  abort(reason: Error): void
}

export interface ExchangeOptions {
  transport: Transport
  limits: Limits
  headers: Readonly<Record<string, string>>
  protocols: ReadonlySet<string>
  /** Lower-case names of headers that may cross origins. */
  crossOriginHeaders: ReadonlySet<string>
  signal: AbortSignal
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** How much of a refused body is read, so that its connection can serve again. */
const MAX_DISCARDED_BYTES = 64 * 1024

/** Sends a GET and follows redirects, judging every hop. */
export async function openExchange(start: URL, options: ExchangeOptions): Promise<Exchange> {
  const seen = new Set<string>()
  let headers = options.headers
  let url = start
  for (let redirects = 0; ; redirects += 1) {
    checkHop(url, options)
    seen.add(url.href)
    const exchange = await request(url, headers, redirects, options)
    const location = REDIRECTS.has(exchange.status) ? exchange.headers.location : undefined
    if (location === undefined) return exchange
    await discard(exchange)
    const next = resolveLocation(location, url)
    checkRedirect(next, seen, redirects, options)
    if (next.origin !== url.origin) headers = keepHarmless(headers, options.crossOriginHeaders)
    url = next
  }
}

async function request(
  url: URL,
  headers: Readonly<Record<string, string>>,
  redirects: number,
  { transport, limits, signal }: ExchangeOptions,
): Promise<Exchange> {
  const receiver = new ResponseReceiver({ limits, isResetting: transport.isResetting })
  const onAbort = (): void => receiver.giveUp(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', onAbort, { once: true })
  const dispatcher = await transport.dispatcher()
  try {
    dispatcher.dispatch(toDispatchOptions(url, headers), receiver)
    const head = await receiver.head
    return {
      ...head,
      url,
      redirects,
      abort: (reason) => {
        signal.removeEventListener('abort', onAbort)
        receiver.abort(reason)
      },
      body: async (consume) => {
        try {
          await receiver.body(consume)
          await nextTurn()
        } finally {
          signal.removeEventListener('abort', onAbort)
        }
      },
    }
  } catch (error) {
    signal.removeEventListener('abort', onAbort)
    throw error
  }
}

function toDispatchOptions(
  url: URL,
  headers: Readonly<Record<string, string>>,
): Dispatcher.DispatchOptions {
  const { authorization, ...rest } = headers
  const credentials = authorization ?? basic(url)
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'GET',
    headers: credentials === undefined ? rest : { ...rest, authorization: credentials },
    headersTimeout: 0,
    bodyTimeout: 0,
  }
}

/** `https://user:password@host/` means HTTP Basic, for that host only. */
function basic(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function checkHop(
  url: URL,
  { protocols, transport: { guard, seesAddresses } }: ExchangeOptions,
): void {
  if (!protocols.has(url.protocol)) {
    throw permanent(`the scheme ${url.protocol} is not among the option protocols`, {
      code: 'FILES_LOCAL_URL_REFUSED',
    })
  }
  if (seesAddresses) return
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  if (!guard.allowsHost(url.hostname, port)) {
    throw permanent(`${url.hostname} is not among the option allow.hosts`, {
      code: 'FILES_LOCAL_ADDRESS_REFUSED',
      details: { hostname: url.hostname },
    })
  }
}

function resolveLocation(location: string, base: URL): URL {
  const url = URL.parse(location, base.href)
  if (url === null) throw redirectRefused('the server redirects to something that is no URL')
  return url
}

function checkRedirect(
  next: URL,
  seen: ReadonlySet<string>,
  redirects: number,
  { limits, protocols }: ExchangeOptions,
): void {
  if (!protocols.has(next.protocol)) {
    throw redirectRefused(`the server redirects to a ${next.protocol} address`)
  }
  if (seen.has(next.href)) throw redirectRefused('the server redirects in a circle')
  if (redirects >= limits.maxRedirects) {
    throw redirectRefused(`the server redirects more than ${limits.maxRedirects} times`)
  }
}

function redirectRefused(message: string): Error {
  return permanent(message, { code: 'FILES_LOCAL_REDIRECT_REFUSED' })
}

function keepHarmless(
  headers: Readonly<Record<string, string>>,
  allowed: ReadonlySet<string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => allowed.has(name)))
}

/** Reads a short body to its end and drops a long one with its connection. */
async function discard(exchange: Exchange): Promise<void> {
  await readSome(exchange, MAX_DISCARDED_BYTES).catch(() => undefined)
}

/** The first bytes of a body as text, for error messages. */
export async function readSome(exchange: Exchange, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  const enough = new Error('enough')
  await exchange
    .body((chunk) => {
      chunks.push(Buffer.from(chunk))
      bytes += chunk.length
      if (bytes > maxBytes) throw enough
    })
    .catch((error: unknown) => {
      if (error !== enough) throw error
    })
  return Buffer.concat(chunks).toString('utf8', 0, maxBytes)
}
