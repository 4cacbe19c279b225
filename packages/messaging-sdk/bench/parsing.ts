import { createWhatsAppAdapter } from '@chat-adapter/whatsapp'
import type { ChatInstance } from 'chat'
import { root, whatsapp } from './dist.ts'
import { appSecret, credentials, recordedBody, sign } from './recorded.ts'

const CALLS = 2_000
const headers = { 'x-hub-signature-256': sign(recordedBody) }
const bytes = Buffer.from(recordedBody)
const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

/** Both sides start from the same `Request` and end with a `Response`. */
export async function createParsing() {
  const adapter = whatsapp.createWhatsAppPlatformAdapter()
  const channel = { id: 'support', tenantId: 'acme', credentials }
  const context = { channel, receivedAt: new Date().toISOString() }
  let parsed = 0

  const chat = createWhatsAppAdapter({
    accessToken: 'token',
    appSecret,
    logger: silent,
    phoneNumberId: credentials.phoneNumberId,
    userName: 'bench',
    verifyToken: 'word',
  })
  const host = { processMessage: () => void parsed++, getLogger: () => silent }
  await chat.initialize(host as unknown as ChatInstance)

  const newRequest = () =>
    new Request('http://localhost/webhook', { method: 'POST', headers, body: bytes })

  async function accept(request: Request): Promise<Response> {
    const raw = root.createRawRequest({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: new Uint8Array(await request.arrayBuffer()),
    })
    const verdict = await adapter.verify(raw, channel, { now: Date.now })
    if (!verdict.ok) return new Response(null, { status: 401 })
    parsed += adapter.normalize(raw, context).length
    return new Response('ok')
  }

  async function millisecondsOf(handle: (request: Request) => Promise<Response>): Promise<number> {
    const requests = Array.from({ length: CALLS }, newRequest)
    parsed = 0
    const started = performance.now()
    for (const request of requests) await handle(request)
    const elapsed = performance.now() - started
    if (parsed !== CALLS) throw new Error(`${parsed} of ${CALLS} were parsed`)
    return elapsed
  }

  return {
    ours: () => millisecondsOf(accept),
    theirs: () => millisecondsOf((request) => chat.handleWebhook(request)),
    /** Microseconds of this process's CPU a call, from bytes to events; what else runs does not count. */
    oursPure: async () => {
      const started = process.cpuUsage()
      for (let index = 0; index < CALLS; index++) {
        const raw = root.createRawRequest({ method: 'POST', url: '/', headers, body: bytes })
        await adapter.verify(raw, channel, { now: Date.now })
        adapter.normalize(raw, context)
      }
      const { user, system } = process.cpuUsage(started)
      return (user + system) / CALLS
    },
  }
}
