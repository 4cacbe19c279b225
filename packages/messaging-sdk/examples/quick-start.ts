import {
  createFetchHandler,
  createIntegrationService,
  defineIntegration,
} from '@mortise/messaging-sdk'
import { createMemoryMessageTransport } from '@mortise/messaging-sdk/memory'
import { createTelegramPlatformAdapter } from '@mortise/messaging-sdk/telegram'
import { createPlatformSimulator } from '@mortise/messaging-sdk/testing'

const credentials = { botToken: '1:token', secretToken: 'word' }
const integration = defineIntegration({
  name: 'telegram',
  adapter: createTelegramPlatformAdapter(),
  getChannelConfig: () => ({ id: 'bot', tenantId: 'acme', credentials }),
})
const transport = createMemoryMessageTransport() // keeps events: also /sqlite and /nats
const service = createIntegrationService({ integration, transport })
await service.consume({ group: 'greeter' }, async (event) => console.log(event.type, event.id))
const handle = createFetchHandler(service) // Request in, Response out, 200 only when stored
const webhookUrl = 'http://localhost/webhook/bot'
const fetch = (url: string | URL | Request, init?: RequestInit) => handle(new Request(url, init))
const telegram = await createPlatformSimulator({
  platform: 'telegram',
  credentials,
  webhookUrl,
  fetch,
})
console.log((await telegram.post({ type: 'text', text: 'Hello' })).status) // 200
await telegram.close()
await transport.close()
