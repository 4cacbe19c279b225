import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createHttpListener } from '../../src/http/index.ts'
import {
  createIntegrationService,
  defineIntegration,
  type MessageTransport,
} from '../../src/index.ts'
import { createMemoryMessageTransport } from '../../src/memory/index.ts'
import { createWhatsAppPlatformAdapter } from '../../src/whatsapp/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

const credentials = { phoneNumberId: '1', accessToken: 't', appSecret: 's', verifyToken: 'word' }
let transport: MessageTransport
let server: Server
let origin: string

beforeEach(async () => {
  transport = createMemoryMessageTransport()
  const integration = defineIntegration({
    name: 'whatsapp',
    adapter: createWhatsAppPlatformAdapter(),
    getChannelConfig: (_ctx, id) => {
      if (id === 'broken') throw new Error('the database says: password=hunter2')
      return id === '1' ? { tenantId: 'acme', credentials } : null
    },
  })
  const service = createIntegrationService({ integration, transport })
  server = createServer(
    createHttpListener([service], {
      authenticate: (request) =>
        request.headers.authorization === 'Bearer us' ? { userId: 'us' } : undefined,
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await transport.close()
})

function signed(body: string) {
  const signature = createHmac('sha256', 's').update(body).digest('hex')
  return { method: 'POST', body, headers: { 'x-hub-signature-256': `sha256=${signature}` } }
}

it('receives below the name of the integration', async () => {
  const value = { metadata: { phone_number_id: '1' }, messages: [{ id: 'a', from: '49' }] }
  const body = JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] })
  const response = await fetch(`${origin}/whatsapp/webhook`, signed(body))
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ success: true, stored: 1 })
  expect((await fetch(`${origin}/webhook`, signed(body))).status).toBe(404)
})

it('answers the challenge', async () => {
  const query = 'hub.mode=subscribe&hub.verify_token=word&hub.challenge=7'
  const response = await fetch(`${origin}/whatsapp/1?${query}`)
  expect([response.status, await response.text()]).toEqual([200, '7'])
})

it('lets only authenticated callers look', async () => {
  expect((await fetch(`${origin}/whatsapp/status`)).status).toBe(403)
  const headers = { authorization: 'Bearer us' }
  const response = await fetch(`${origin}/whatsapp/status`, { headers })
  expect(await response.json()).toMatchObject({ platform: 'whatsapp' })
})

it('answers a failing channel lookup with 503 and tells nothing', async () => {
  const response = await fetch(`${origin}/whatsapp/webhook/broken`, signed('{}'))
  expect([response.status, await response.text()]).toEqual([503, ''])
})

it('cuts an endless body off with 413, without waiting for its end', async () => {
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {}) // the server hangs up while we write
  let answer = ''
  socket.on('data', (piece) => {
    answer += piece.toString()
  })
  socket.write('POST /whatsapp/webhook HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  const chunk = 'x'.repeat(0x10000)
  const timer = setInterval(() => socket.write(`10000\r\n${chunk}\r\n`), 1)
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(timer)
  expect(answer).toMatch(/^HTTP\/1.1 413 /)
})

it('survives callers that hang up in the middle', async () => {
  const { port } = server.address() as AddressInfo
  for (let round = 0; round < 20; round++) {
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /whatsapp/webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
    await new Promise((resolve) => setTimeout(resolve, 2))
    socket.destroy()
  }
  expect((await fetch(`${origin}/whatsapp/nowhere/at/all`)).status).toBe(404)
})
