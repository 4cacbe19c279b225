import type { Socket } from 'node:net'
import type { Agent, buildConnector, Dispatcher } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import type { ConnectionOptions } from './download-options.ts'
import { connectorOptions, guardConnector } from './guarded-connector.ts'
import { readLimits } from './limits.ts'
import { type SlabPools, SlabReader, SOCKET_HIGH_WATER_BYTES } from './slab-reader.ts'

export interface AgentOptions extends ConnectionOptions {
  guard: AddressGuard
  /** Called with every socket before undici listens to it. */
  onSocket: (socket: Socket) => void
  /** Buffers to read sockets into; without, Node allocates them. */
  pools: SlabPools | undefined
}

/** Windows of HTTP/2. Undici's own 256 KiB allow 5 MiB a second at 50 ms of distance. */
const H2_STREAM_WINDOW = 16 * 1024 * 1024
const H2_CONNECTION_WINDOW = 32 * 1024 * 1024
/** TLS sessions kept, one a server. */
const MAX_SESSIONS = 100

/**
 * Makes a dispatcher of our own, never the global one: that may be Node's built-in undici, which dies with an uncaught
 * assertion when a server closes while the body is paused. Undici costs 30 ms to load, so the first download loads it.
 */
export async function createAgent(options: AgentOptions): Promise<Dispatcher> {
  const undici = await import('undici')
  const limits = readLimits(options)
  const http2 = options.http2 ?? false
  const shared: Agent.Options = {
    connections: limits.maxConnectionsPerOrigin || null,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: http2,
    initialWindowSize: H2_STREAM_WINDOW,
    connectionWindowSize: H2_CONNECTION_WINDOW,
  }
  if (options.proxy !== undefined) {
    const tls = { ...options.tls } as buildConnector.BuildOptions
    return new undici.ProxyAgent({ ...shared, uri: String(options.proxy), requestTls: tls })
  }
  return new undici.Agent({ ...shared, connect: createConnect(undici.buildConnector, options) })
}

function createConnect(
  build: typeof buildConnector,
  options: AgentOptions,
): buildConnector.connector {
  const { connectTimeoutMs } = readLimits(options)
  const guarded = { ...options, connectTimeoutMs, http2: options.http2 ?? false }
  const sessions = new SessionCache()
  const connectors = {
    strict: connectorOptions(guarded, false),
    open: connectorOptions(guarded, true),
  }
  return guardConnector(options.guard, (hostAllowed) => (target, callback) => {
    const secure = target.protocol === 'https:'
    const reader = options.pools && new SlabReader(options.pools, secure)
    const key = target.servername ?? target.hostname
    const connect = build({
      ...(hostAllowed ? connectors.open : connectors.strict),
      ...(secure && { session: sessions.get(key) }),
      ...(reader && { onread: reader.onread, highWaterMark: SOCKET_HIGH_WATER_BYTES }),
    } as buildConnector.BuildOptions)
    connect(target, (...result) => {
      const socket = result[1]
      if (socket) {
        options.onSocket(socket)
        if (secure) socket.on('session', (session: Buffer) => sessions.set(key, session))
        reader?.attach(socket)
      }
      callback(...result)
    })
  })
}

class SessionCache {
  readonly #sessions = new Map<string, Buffer>()

  get(key: string): Buffer | undefined {
    return this.#sessions.get(key)
  }

  set(key: string, session: Buffer): void {
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest)
  }
}
