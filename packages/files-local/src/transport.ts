import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { type AddressGuard, createAddressGuard } from './address-guard.ts'
import type { ConnectionOptions, RequestOptions } from './download-options.ts'
import { readLimits } from './download-options.ts'
import { connectorOptions, guardConnector } from './guarded-connector.ts'

/** Connections that downloads share, and the rule about where they may go. */
export interface Transport extends AsyncDisposable {
  readonly guard: AddressGuard
  /** Whether addresses can be judged where the connection is made. */
  readonly seesAddresses: boolean
  /** The undici dispatcher to send requests with. */
  dispatcher(): Promise<Dispatcher>
  /** Whether a socket is reporting a reset at this very moment. Undici ends a body without length normally then. */
  isResetting(): boolean
}

const H2_STREAM_WINDOW = 16 * 1024 * 1024
const H2_CONNECTION_WINDOW = 32 * 1024 * 1024

/**
 * @throws {TypeError} when options contradict each other
 */
export function createTransport(
  options: ConnectionOptions & Pick<RequestOptions, 'allow' | 'connectTimeoutMs'>,
): Transport {
  const guard = createAddressGuard(options.allow)
  checkBlindness(options)
  let resetting = 0
  const watch = (socket: Socket): void => {
    socket.prependListener('error', () => {
      resetting += 1
      queueMicrotask(() => {
        resetting -= 1
      })
    })
  }
  let own: Promise<Dispatcher> | undefined
  return {
    guard,
    seesAddresses: options.dispatcher === undefined && options.proxy === undefined,
    isResetting: () => resetting > 0,
    dispatcher: () => {
      if (options.dispatcher !== undefined) return Promise.resolve(options.dispatcher)
      own ??= createDispatcher(options, guard, watch)
      return own
    },
    [Symbol.asyncDispose]: async () => {
      const made = await own?.catch(() => undefined)
      await made?.destroy()
    },
  }
}

/** Undici costs 30 ms to load, so it is loaded by the first download. Never the global dispatcher: it may be Node's own, older undici. */
async function createDispatcher(
  options: ConnectionOptions & Pick<RequestOptions, 'connectTimeoutMs'>,
  guard: AddressGuard,
  watch: (socket: Socket) => void,
): Promise<Dispatcher> {
  const { Agent, ProxyAgent, buildConnector } = await import('undici')
  const limits = readLimits(options)
  const shared = {
    connections: limits.maxConnectionsPerOrigin || null,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: options.http2 ?? false,
    initialWindowSize: H2_STREAM_WINDOW,
    connectionWindowSize: H2_CONNECTION_WINDOW,
  }
  if (options.proxy !== undefined) {
    return new ProxyAgent({ ...shared, uri: String(options.proxy), requestTls: { ...options.tls } })
  }
  const connector = {
    guard,
    connectTimeoutMs: limits.connectTimeoutMs,
    tls: options.tls,
    http2: options.http2 ?? false,
    lookup: options.lookup,
  }
  const strict = buildConnector(connectorOptions(connector, false))
  const trusting = buildConnector(connectorOptions(connector, true))
  const connect = guardConnector(guard, (hostAllowed) => (target, callback) => {
    const base = hostAllowed ? trusting : strict
    base(target, (...result) => {
      if (result[1]) watch(result[1])
      callback(...result)
    })
  })
  return new Agent({ ...shared, connect })
}

function checkBlindness(options: ConnectionOptions & Pick<RequestOptions, 'allow'>): void {
  for (const name of ['dispatcher', 'proxy'] as const) {
    if (options[name] === undefined) continue
    if (options.allow === 'anywhere') continue
    if (typeof options.allow === 'object' && options.allow.hosts !== undefined) continue
    throw new TypeError(
      `option ${name} hides which addresses are connected to, so the address guard cannot hold: pass allow: 'anywhere' or allow: { hosts: [...] } with it`,
    )
  }
  if (options.dispatcher !== undefined && options.proxy !== undefined) {
    throw new TypeError(
      'options dispatcher and proxy exclude each other: give the proxy to the dispatcher',
    )
  }
}
