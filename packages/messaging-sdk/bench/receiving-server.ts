import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { http, root, sqlite, whatsapp } from './dist.ts'
import { appSecret, credentials } from './recorded.ts'

const [kind, path = ''] = process.argv.slice(2)

/** Checks the same HMAC and answers. */
const bare: RequestListener = (request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const expected = createHmac('sha256', appSecret).update(Buffer.concat(pieces)).digest()
    const header = String(request.headers['x-hub-signature-256'] ?? '')
    const given = Buffer.from(header.slice('sha256='.length), 'hex')
    const isValid = given.length === expected.length && timingSafeEqual(given, expected)
    response.writeHead(isValid ? 200 : 401, { 'content-length': 0 })
    response.end()
  })
}

function ours(): RequestListener {
  const integration = root.defineIntegration({
    name: 'whatsapp',
    adapter: whatsapp.createWhatsAppPlatformAdapter(),
    getChannelConfig: () => ({ id: 'support', tenantId: 'acme', credentials }),
  })
  const transport = sqlite.createSqliteMessageTransport({ path })
  return http.createHttpListener(root.createIntegrationService({ integration, transport }))
}

const server = createServer(kind === 'bare' ? bare : ours())
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(String((server.address() as AddressInfo).port))
})
// Whoever started us is gone: nobody else would end us.
process.stdin.resume().once('close', () => process.exit())
