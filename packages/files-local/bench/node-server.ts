import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

// A process of its own, so that what is measured is the client. `/<bytes>` answers that many bytes from one buffer.
const block = Buffer.alloc(4 * 1024 * 1024)
for (let index = 0; index < block.length; index += 4) {
  block.writeUInt32LE(Math.imul(index, 2654435761) >>> 0, index)
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  let left = Number(request.url?.slice(1).split('/')[0])
  response.writeHead(200, { 'content-length': left, 'content-type': 'application/octet-stream' })
  const send = (): void => {
    while (left > 0) {
      const part = left >= block.length ? block : block.subarray(0, left)
      left -= part.length
      if (!response.write(part)) return
    }
    response.end()
  }
  response.on('drain', send)
  send()
}

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../test/fixtures/${name}`, import.meta.url))
const plain = createServer(answer)
const secure = createSecureServer(
  { key: fixture('localhost-key.pem'), cert: fixture('localhost-certificate.pem') },
  answer,
)
const ports: number[] = []
for (const server of [plain, secure]) {
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ports.push((server.address() as AddressInfo).port)
}
process.send?.(ports)
process.on('disconnect', () => process.exit())
