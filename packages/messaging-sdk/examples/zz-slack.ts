export {}
import { createServer } from 'node:http'
import { createIntegrationService, defineIntegration } from '@mortise/messaging-sdk'
import { createHttpListener } from '@mortise/messaging-sdk/http'
import { createSqliteMessageTransport } from '@mortise/messaging-sdk/sqlite'
import { createSlackPlatformAdapter } from '@mortise/messaging-sdk/slack'

const { BOT_TOKEN: botToken = '', SIGNING_SECRET: signingSecret = '' } = process.env
const credentials = { botToken, signingSecret }
const integration = defineIntegration({
  name: 'slack',
  adapter: createSlackPlatformAdapter(),
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
