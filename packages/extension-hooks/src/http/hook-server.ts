import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HookHost } from '../hook-host.ts'
import { atLeast } from '../hook-host-options.ts'
import type { BytesHost, HttpOptions } from './http-options.ts'
import { createHookListener } from './node-listener.ts'

/** Where a server listens and how long it holds connections. */
export interface HookServerOptions extends HttpOptions {
  /** Default 0: any free port. */
  port?: number | undefined
  /** Default `127.0.0.1`: reachable from this machine only. Behind a load balancer say `0.0.0.0`. */
  hostname?: string | undefined
  /** How long an idle connection is kept, in milliseconds. Default 65 000: longer than a load balancer's 60 s. */
  keepAliveTimeoutMs?: number | undefined
  /** How long a request may take to arrive, in milliseconds. Default 60 000. */
  requestTimeoutMs?: number | undefined
}

/** A running server. */
export interface HookServer extends AsyncDisposable {
  /** `http://127.0.0.1:8080`. */
  readonly url: string
  readonly port: number
  readonly server: Server
  /**
   * Ends it: readiness fails, new calls get 503 for `drainMs` (default 0) while the load balancer notices, then no
   * connection is accepted, running calls finish within `deadlineMs` (default 30 000), and the rest is cut.
   */
  readonly close: (options?: { drainMs?: number; deadlineMs?: number }) => Promise<void>
}

const KEEP_ALIVE_TIMEOUT_MS = 65_000
const REQUEST_TIMEOUT_MS = 60_000
/** How often Node.js looks for requests that take too long. Its own 30 000 would make a short limit a long one. */
const MAX_CHECK_INTERVAL_MS = 5_000
const CLOSE_DEADLINE_MS = 30_000

/**
 * Starts a server for a host; closing the server closes the host.
 * @throws {TypeError} when an option cannot work; the message names it
 * @throws {Error} with Node's `code` (`EADDRINUSE`, `EACCES`) when the port cannot be used
 */
export async function startHookServer(
  host: BytesHost & Pick<HookHost, 'close'>,
  options: HookServerOptions,
): Promise<HookServer> {
  const { keepAliveTimeoutMs = KEEP_ALIVE_TIMEOUT_MS, requestTimeoutMs = REQUEST_TIMEOUT_MS } =
    options
  const requestTimeout = atLeast('requestTimeoutMs', requestTimeoutMs, 1)
  const timeouts = {
    keepAliveTimeout: atLeast('keepAliveTimeoutMs', keepAliveTimeoutMs, 0),
    requestTimeout,
    headersTimeout: requestTimeout,
    connectionsCheckingInterval: Math.min(requestTimeout, MAX_CHECK_INTERVAL_MS),
  }
  const server = createServer(timeouts, createHookListener(host, options))
  const hostname = options.hostname ?? '127.0.0.1'
  await listen(server, atLeast('port', options.port ?? 0, 0, 65_535), hostname)
  const { port } = server.address() as AddressInfo
  const close: HookServer['close'] = ({ drainMs = 0, deadlineMs = CLOSE_DEADLINE_MS } = {}) =>
    closeServer(server, host, drainMs, deadlineMs)
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`,
    port,
    server,
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}

function listen(server: Server, port: number, hostname: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function closeServer(
  server: Server,
  host: Pick<HookHost, 'close'>,
  drainMs: number,
  deadlineMs: number,
): Promise<void> {
  const idle = host.close({ deadlineMs: drainMs + deadlineMs })
  if (drainMs > 0) await new Promise((resolve) => setTimeout(resolve, drainMs))
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  await idle
  const cut = setTimeout(() => server.closeAllConnections(), Math.min(deadlineMs, 1_000))
  server.closeIdleConnections()
  await closed
  clearTimeout(cut)
}
