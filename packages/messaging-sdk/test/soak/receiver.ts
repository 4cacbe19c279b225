import { createServer } from 'node:http'
import { createHttpListener } from '../../src/http/index.ts'
import { createIntegrationService, defineIntegration } from '../../src/index.ts'
import {
  createWhatsAppPlatformAdapter,
  type WhatsAppCredentials,
} from '../../src/whatsapp/index.ts'
import { openTransport } from './open-transport.ts'

// A receiver of its own, to be killed: `receiver.ts <transport> <port> <credentials as JSON>`.
const [address = '', port = '', secrets = ''] = process.argv.slice(2)
const credentials = JSON.parse(secrets) as WhatsAppCredentials
const integration = defineIntegration({
  name: 'whatsapp',
  adapter: createWhatsAppPlatformAdapter(),
  getChannelConfig: () => ({ id: 'support', tenantId: 'acme', credentials }),
})
const transport = await openTransport(address)
const service = createIntegrationService({ integration, transport })
createServer(createHttpListener(service)).listen(Number(port), '127.0.0.1', () => {
  process.stdout.write('ready\n')
})

// Whoever started us is gone: nobody else would end us.
process.stdin.resume().once('close', () => process.exit())
