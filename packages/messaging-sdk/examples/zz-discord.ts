export {}
import { createServer } from 'node:http'
import { createIntegrationService, defineIntegration } from '@mortise/messaging-sdk'
import { createHttpListener } from '@mortise/messaging-sdk/http'
import { createSqliteMessageTransport } from '@mortise/messaging-sdk/sqlite'
import { createDiscordPlatformAdapter } from '@mortise/messaging-sdk/discord'

const { APPLICATION_ID: applicationId = '', PUBLIC_KEY: publicKey = '', BOT_TOKEN: botToken = '' } = process.env
const credentials = { applicationId, publicKey, botToken }
const integration = defineIntegration({
  name: 'discord',
  adapter: createDiscordPlatformAdapter(),
  getChannelConfig: () => ({ id: 'main', tenantId: 'me', credentials }),
})
const transport = createSqliteMessageTransport({ path: 'messages.db' })
const service = createIntegrationService({ integration, transport })
await service.consume({ group: 'hello' }, async (event) => {
  if (event.type !== 'action.invoked' || !event.responseToken) return
  const { responseToken, conversation, channelId, name } = event
  const parts = [{ type: 'text' as const, text: `You used ${name}` }]
  await service.sendMessage({ to: { id: conversation.id }, parts, responseToken }, { channelId })
})
createServer(createHttpListener(service)).listen(3000)
