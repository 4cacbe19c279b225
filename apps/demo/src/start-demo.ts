import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createSignedUrlHandler } from '@mortise/files-remote'
import {
  createFetchHandler,
  INTEGRATION_CHANNELS,
  type IntegrationMessageSentPayload,
} from '@mortise/messaging-sdk'
import { createPlatformSimulator, type PlatformSimulator } from '@mortise/messaging-sdk/testing'
import type { DemoConfig } from './config.ts'
import type { Narrator } from './narrator.ts'
import { openParts, type Setup, type Use } from './open-parts.ts'
import type { Parts } from './parts.ts'
import { PLATFORM_NAMES, type PlatformName } from './platforms.ts'
import { startServer } from './server.ts'
import { startPipeline } from './start-pipeline.ts'

/** A simulated platform, and where its webhooks go. */
export interface SimulatedSide {
  simulator: PlatformSimulator
  webhookUrl: string
}

/** The running demo: the system, and the simulated world around it. */
export interface Demo extends AsyncDisposable {
  setup: Setup
  parts: Parts
  world: Readonly<Record<PlatformName, SimulatedSide>>
}

/** Starts everything on loopback; what was opened is closed again, also when a later part cannot start. */
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

async function compose(
  config: DemoConfig,
  narrator: Narrator,
  use: Use,
): Promise<Omit<Demo, typeof Symbol.asyncDispose>> {
  await rm(config.folder, { recursive: true, force: true })
  const server = use(await startServer())
  const simulators = await Promise.all(
    PLATFORM_NAMES.map(async (platform) => use(await createPlatformSimulator({ platform }))),
  )
  const setup: Setup = {
    config,
    accounts: PLATFORM_NAMES.map((name, index) => {
      const { apiUrl, credentials } = simulators[index] as PlatformSimulator
      return { name, apiUrl, credentials }
    }),
    links: { baseUrl: `${server.url}/files`, secret: randomUUID() },
  }
  const parts = await openParts(setup, { narrator, use })
  use(await startPipeline(parts))
  use(await announceSent(parts))
  const services = parts.platforms.map(({ service }) => service)
  server.mount('hooks', createFetchHandler(services, { basePath: '/hooks' }))
  server.mount('files', createSignedUrlHandler(parts.storage, setup.links))
  const sides = parts.platforms.map(({ name, channel }, index) => [
    name,
    {
      simulator: simulators[index] as PlatformSimulator,
      webhookUrl: `${server.url}/hooks/${name}/webhook/${channel.id}`,
    },
  ])
  return { setup, parts, world: Object.fromEntries(sides) as Demo['world'] }
}

function announceSent({ transport, narrator }: Parts) {
  const channels = [INTEGRATION_CHANNELS.MESSAGE_SENT]
  return transport.consume({ group: 'announcer', channels }, async ({ envelope }) => {
    const { messageId } = envelope.payload as IntegrationMessageSentPayload
    narrator.step('messaging-sdk', `event message.sent stored for ${messageId}`)
  })
}
