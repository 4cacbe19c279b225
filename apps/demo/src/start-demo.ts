import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createSignedUrlHandler } from '@mortise/files-remote'
import { createFetchHandler } from '@mortise/messaging-sdk'
import { createPlatformSimulator } from '@mortise/messaging-sdk/testing'
import type { DemoConfig } from './config.ts'
import type { Narrator } from './narrator.ts'
import { openParts, type Setup, type Use } from './open-parts.ts'
import type { Parts } from './parts.ts'
import { type PlatformAccount, SIMULATED_NAMES, webhookPath } from './platforms.ts'
import { connectAccounts } from './real/connect-accounts.ts'
import { createFaults } from './room/faults.ts'
import { createFeed } from './room/feed.ts'
import { createFullDisk } from './room/full-disk.ts'
import { createRoomHandler } from './room/room-handler.ts'
import type { Demo, RunningDemo, SimulatedSide } from './running-demo.ts'
import { type DemoServer, startServer } from './server.ts'
import { startAnnouncer } from './start-announcer.ts'
import { startPipeline } from './start-pipeline.ts'

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
  const { host, port } = config.real ?? {}
  // Two servers: a tunnel leads platforms to the first and must not lead anybody into the control room.
  const server = use(await startServer({ host, port }))
  const room = use(await startServer())
  const { world, accounts } = await startWorld(config, server, use)
  const links = { baseUrl: `${server.url}/files`, secret: randomUUID() }
  const setup: Setup = { config, accounts, links }
  const { decorate } = disk
  const parts = await openParts(setup, { narrator, use, decorate, onNews: feed.announce })
  const pausePipeline = await startPausable(parts, use)
  use(await startAnnouncer(parts))
  mountDoors(server, parts, setup)
  const demo = { setup, parts, world, pausePipeline, roomUrl: `${room.url}/room/` }
  room.mount('room', createRoomHandler(demo, { feed, faults: createFaults(demo, disk) }))
  await connectReal(demo)
  return demo
}

/** Simulated platforms, and the real accounts in place of theirs. */
async function startWorld(config: DemoConfig, server: DemoServer, use: Use) {
  const real = config.real?.accounts ?? []
  const simulated = SIMULATED_NAMES.filter((name) => !real.some((account) => account.name === name))
  const world = await Promise.all(
    simulated.map(async (name): Promise<SimulatedSide> => {
      const simulator = use(await createPlatformSimulator({ platform: name }))
      return { name, simulator, webhookUrl: `${server.url}${webhookPath(name)}` }
    }),
  )
  const played = world.map(({ name, simulator: { apiUrl, credentials } }) => {
    return { name, apiUrl, credentials }
  })
  const accounts: PlatformAccount[] = [...played, ...real]
  return { world, accounts }
}

function mountDoors(server: DemoServer, parts: Parts, { config, links }: Setup): void {
  const services = parts.platforms.map(({ service }) => service)
  const publicOrigin = config.real?.publicUrl
  const options = { basePath: '/hooks', ...(publicOrigin && { publicOrigin }) }
  server.mount('hooks', createFetchHandler(services, options))
  server.mount('files', createSignedUrlHandler(parts.storage, links))
}

/** Some platforms try the address at once, so everything must be listening by then. */
async function connectReal({ parts, setup }: RunningDemo): Promise<void> {
  const { real } = setup.config
  if (!real) return
  const platforms = parts.platforms.filter(({ name }) =>
    real.accounts.some((account) => account.name === name),
  )
  const { publicUrl, takeOver = false } = real
  await connectAccounts(platforms, { publicUrl, takeOver, narrator: parts.narrator })
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
