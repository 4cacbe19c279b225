import { createServer, type RequestListener } from 'node:http'

/** An HTTP server on loopback: where it is, and how it ends. */
export interface LoopbackServer extends AsyncDisposable {
  url: string
}

/** Starts a server on a free loopback port, or on the given one. */
export async function listen(listener: RequestListener, port = 0): Promise<LoopbackServer> {
  const server = createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
