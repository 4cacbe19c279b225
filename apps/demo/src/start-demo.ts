import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isIntegrationError } from '@mortise/errors'
import { createHookHost } from '@mortise/extension-hooks'
import {
  createFetchHandler,
  createIntegrationService,
  defineIntegration,
  INTEGRATION_CHANNELS,
  type IntegrationMessageSentPayload,
} from '@mortise/messaging-sdk'
import { createPlatformSimulator, type PlatformSimulator } from '@mortise/messaging-sdk/testing'
import {
  createWhatsAppPlatformAdapter,
  type WhatsAppCredentials,
} from '@mortise/messaging-sdk/whatsapp'
import { createSegmentsUploader } from '@mortise/segments-uploader'
import { acmeExtension } from './acme/hooks.ts'
import type { DemoConfig } from './config.ts'
import type { Narrator } from './narrator.ts'
import type { Parts } from './parts.ts'
import { handleMessage } from './pipeline.ts'
import { startServer } from './server.ts'
import { openStorage } from './storage.ts'
import { openTransport } from './transport.ts'

/** The running demo: the system, and the simulated world around it. */
export interface Demo extends AsyncDisposable {
  parts: Parts
  platform: PlatformSimulator
  webhookUrl: string
  config: DemoConfig
}

const CHANNEL_ID = 'acme-support'
const TENANT_ID = 'acme'

/** Starts everything; what was opened is closed again, also when a later part cannot start. */
export async function startDemo(config: DemoConfig, narrator: Narrator): Promise<Demo> {
  const opened: AsyncDisposable[] = []
  const close = async () => {
    for (const resource of opened.splice(0)) await resource[Symbol.asyncDispose]()
  }
  const use: Use = (resource) => {
    opened.unshift(resource) // the last opened is closed first
    return resource
  }
  try {
    return { ...(await compose(config, narrator, use)), [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

type Use = <T extends AsyncDisposable>(resource: T) => T

/** The only place where adapters are constructed. Everything listens on loopback. */
async function compose(
  config: DemoConfig,
  narrator: Narrator,
  use: Use,
): Promise<Omit<Demo, typeof Symbol.asyncDispose>> {
  await rm(config.folder, { recursive: true, force: true })
  const downloadFolder = join(config.folder, 'downloads')
  await mkdir(downloadFolder, { recursive: true })

  const server = use(await startServer())
  const platform = use(await createPlatformSimulator({ platform: 'whatsapp' }))
  const adapter = createWhatsAppPlatformAdapter({ baseUrl: platform.apiUrl })
  const credentials = platform.credentials as unknown as WhatsAppCredentials
  const channel = { id: CHANNEL_ID, tenantId: TENANT_ID, credentials }

  const transport = use(await openTransport(config))
  const integration = defineIntegration({
    name: 'whatsapp',
    adapter,
    getChannelConfig: () => channel, // one channel, whatever number the webhook names
  })
  const messaging = createIntegrationService({ integration, transport })
  const storage = await openStorage(config, server)
  const parts: Parts = {
    messaging,
    adapter,
    channel,
    storage,
    segments: use(createSegmentsUploader({ target: storage })),
    hooks: use(createHookHost(acmeExtension)),
    downloadFolder,
    mediaHosts: [new URL(platform.apiUrl).host],
    narrator,
  }

  use(
    await messaging.consume({ group: 'pipeline' }, async (event) => {
      if (event.type === 'message.received') await narrated(handleMessage(event, parts), narrator)
    }),
  )
  use(await announceSent(parts))
  server.mount('webhook', createFetchHandler(messaging))
  return { parts, platform, webhookUrl: `${server.url}/webhook/${CHANNEL_ID}`, config }
}

/** Says which kind of error stopped a message; the transport decides by it what happens next. */
async function narrated(work: Promise<void>, narrator: Narrator): Promise<void> {
  try {
    await work
  } catch (error) {
    const kind = isIntegrationError(error) ? error.kind : 'unknown'
    narrator.step(
      'pipeline',
      `${kind}: ${error instanceof Error ? error.message : error}`,
      'refused',
    )
    throw error
  }
}

function announceSent({ messaging, narrator }: Parts) {
  const channels = [INTEGRATION_CHANNELS.MESSAGE_SENT]
  return messaging.transport.consume({ group: 'announcer', channels }, async ({ envelope }) => {
    const { messageId } = envelope.payload as IntegrationMessageSentPayload
    narrator.step('messaging-sdk', `event message.sent stored for ${messageId}`)
  })
}
