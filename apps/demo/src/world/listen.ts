import { createServer, type RequestListener } from 'node:http'
import { PermanentError } from '@mortise/errors'

/** An HTTP server: where this machine reaches it, and how it ends. */
export interface LoopbackServer extends AsyncDisposable {
  url: string
}

/** Where to listen. */
export interface ListenOptions {
  /** Default: loopback. */
  host?: string | undefined
  /** Default: a free one. */
  port?: number | undefined
}

const LOOPBACK = '127.0.0.1'

/**
 * Starts a server.
 * @throws {PermanentError} DEMO_PORT_TAKEN when another program listens there.
 */
export async function listen(
  listener: RequestListener,
  { host = LOOPBACK, port = 0 }: ListenOptions = {},
): Promise<LoopbackServer> {
  const server = createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause
    const message = `Port ${port} of ${host} is taken; choose another with --port`
    throw new PermanentError(message, { code: 'DEMO_PORT_TAKEN', cause })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return {
    url: `http://${LOOPBACK}:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
