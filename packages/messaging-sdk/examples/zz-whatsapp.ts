export {}
import { createServer } from 'node:http'
import { createIntegrationService, defineIntegration } from '@mortise/messaging-sdk'
import { createHttpListener } from '@mortise/messaging-sdk/http'
import { createSqliteMessageTransport } from '@mortise/messaging-sdk/sqlite'
import { createWhatsAppPlatformAdapter } from '@mortise/messaging-sdk/whatsapp'

const { PHONE_NUMBER_ID: phoneNumberId = '', ACCESS_TOKEN: accessToken = '', APP_SECRET: appSecret = '', VERIFY_TOKEN: verifyToken = '' } = process.env
const credentials = { phoneNumberId, accessToken, appSecret, verifyToken }
const integration = defineIntegration({
  name: 'whatsapp',
  adapter: createWhatsAppPlatformAdapter(),
  getChannelConfig: () => ({ id: 'main', tenantId: 'me', credentials }),
})
const transport = createSqliteMessageTransport({ path: 'messages.db' })
const service = createIntegrationService({ integration, transport })
await service.consume({ group: 'echo' }, async (event) => {
  if (event.type !== 'message.received' || event.origin !== 'user') return
  const [part] = event.parts
  const text = part?.type === 'text' ? `You said: ${part.text}` : 'Thank you'
  const message = { to: { id: event.conversation.id }, parts: [{ type: 'text' as const, text }] }
  await service.sendMessage(message, { channelId: event.channelId })
})
createServer(createHttpListener(service)).listen(3000)
