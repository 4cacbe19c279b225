import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createSignedUrlHandler } from '@mortise/files-remote'
import { createFetchHandler } from '@mortise/messaging-sdk'
import { createPlatformSimulator, type PlatformSimulator } from '@mortise/messaging-sdk/testing'
import type { DemoConfig } from './config.ts'
import type { Narrator } from './narrator.ts'
import { openParts, type Setup, type Use } from './open-parts.ts'
import type { Parts } from './parts.ts'
import { PLATFORM_NAMES, type PlatformName } from './platforms.ts'
import { createFaults } from './room/faults.ts'
import { createFeed } from './room/feed.ts'
import { createFullDisk } from './room/full-disk.ts'
import { createRoomHandler } from './room/room-handler.ts'
import { startServer } from './server.ts'
import { startAnnouncer } from './start-announcer.ts'
import { startPipeline } from './start-pipeline.ts'

/** A simulated platform, and where its webhooks go. */
export interface SimulatedSide {
  simulator: PlatformSimulator
  webhookUrl: string
}

/** The running demo: the system, and the simulated world around it. */
export interface RunningDemo {
  setup: Setup
  parts: Parts
  world: Readonly<Record<PlatformName, SimulatedSide>>
  /** Where the control room is served. */
  roomUrl: string
  /** Stops taking messages in this process; the answer goes on with it. */
  pausePipeline: () => Promise<() => Promise<void>>
}

/** The demo, and how it ends. */
export type Demo = RunningDemo & AsyncDisposable

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

async function compose(config: DemoConfig, told: Narrator, use: Use): Promise<RunningDemo> {
  const feed = createFeed()
  const disk = createFullDisk()
  const narrator = feed.listenTo(told)
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
  const { decorate } = disk
  const parts = await openParts(setup, { narrator, use, decorate, onNews: feed.announce })
  const pausePipeline = await startPausable(parts, use)
  use(await startAnnouncer(parts))
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
  const world = Object.fromEntries(sides) as RunningDemo['world']
  const demo = { setup, parts, world, pausePipeline, roomUrl: `${server.url}/room/` }
  server.mount('room', createRoomHandler(demo, { feed, faults: createFaults(demo, disk) }))
  return demo
}

async function startPausable(parts: Parts, use: Use): Promise<RunningDemo['pausePipeline']> {
  let pipeline = await startPipeline(parts)
  use({ [Symbol.asyncDispose]: () => pipeline.close() })
  return async () => {
    await pipeline.close()
    return async () => {
      pipeline = await startPipeline(parts)
    }
  }
}
