import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'

const pem = readFileSync(join(import.meta.dirname, 'fixtures', 'localhost.pem'), 'utf8')

/** A certificate of `localhost`, its key, and itself as the authority to trust. */
export const certificate = { cert: pem, key: pem, ca: pem }

/** Puts TLS in front of a server. */
export async function startTlsProxy(
  target: string,
): Promise<{ endpoint: string; connections: () => number } & AsyncDisposable> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let connections = 0
  const server: Server = createServer(certificate, (incoming: TLSSocket) => {
    connections += 1
    const onward = connect(Number(port), hostname)
    for (const socket of [incoming, onward]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        incoming.destroy()
        onward.destroy()
      })
    }
    incoming.pipe(onward).pipe(incoming)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
