import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type NatsServer, startNatsServer } from '../../../../scripts/servers/nats-server.ts'
import { createPlatformSimulator, type UnsignedWebhook } from '../../src/testing/index.ts'
import { openTransport } from './open-transport.ts'

/** One soak. */
export interface SoakOptions {
  transport: 'sqlite' | 'nats'
  webhooks: number
  conversations: number
  /** Posts under way at once. */
  concurrency: number
  log?: (line: string) => void
}

/** What was seen. Everything named `wrong…` must be empty. */
export interface SoakReport {
  webhooks: number
  /** Distinct events that were acknowledged with 200. */
  acknowledged: number
  redelivered: number
  attempts: number
  handled: number
  /** Handled again after a kill between effect and acknowledgement; the effect's own key caught them. */
  repeatedDeliveries: number
  kills: string[]
  neverAcknowledged: number
  wrongLost: string[]
  wrongOrder: string[]
  deadLetters: number
  seconds: number
}

/** With 5 % redeliveries, some disorder, random naks, and a `kill -9` of every process in the middle. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), 'messaging-soak-'))
  const world = await startWorld(options, folder)
  try {
    return await soak(options, world)
  } finally {
    await world.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const REDELIVERED_SHARE = 0.05
const REORDER_PLACES = 20
/** How long the last events may take after the last webhook. */
const DRAIN_MS = 120_000

type World = Awaited<ReturnType<typeof startWorld>>

async function soak(options: SoakOptions, world: World): Promise<SoakReport> {
  const { log = () => {} } = options
  const startedAt = Date.now()
  const acknowledged = new Map<string, string[]>() // conversation → ids, in the order of their first 200
  const seen = new Set<string>()
  const chaos = createChaos(options, world, log)
  const events = Array.from({ length: options.webhooks }, (_, index) => ({
    type: 'text' as const,
    text: `message ${index}`,
    from: String(4_900_000 + (index % options.conversations)),
  }))
  const onAcknowledged = ({ ids, conversation }: UnsignedWebhook) => {
    for (const id of ids) {
      if (seen.has(id)) continue
      seen.add(id)
      const list = acknowledged.get(conversation) ?? []
      list.push(id)
      acknowledged.set(conversation, list)
    }
    chaos.progress(seen.size)
  }
  const delivery = await world.simulator.deliver(events, {
    url: `http://127.0.0.1:${world.port}/webhook`,
    concurrency: options.concurrency,
    duplicates: REDELIVERED_SHARE,
    reorder: REORDER_PLACES,
    orderedByConversation: true,
    maxAttempts: 1_000,
    retryDelayMs: 50,
    onAcknowledged,
  })
  await chaos.done()
  log(`all posted after ${((Date.now() - startedAt) / 1000).toFixed(1)} s; draining`)
  await drain(world, seen.size)
  return {
    ...judge(world, acknowledged),
    webhooks: delivery.webhooks,
    acknowledged: seen.size,
    redelivered: delivery.duplicates,
    attempts: delivery.attempts,
    kills: chaos.kills,
    neverAcknowledged: delivery.refused.length,
    deadLetters: await countDeadLetters(world),
    seconds: (Date.now() - startedAt) / 1000,
  }
}

/** Kills each process once, spread over the run, and starts it again. */
function createChaos(options: SoakOptions, world: World, log: (line: string) => void) {
  const kills: string[] = []
  const plan = [
    { at: 0.2, name: 'receiver', kill: world.restartReceiver },
    { at: 0.4, name: 'worker', kill: world.restartWorker },
    ...(options.transport === 'nats'
      ? [{ at: 0.6, name: 'nats-server', kill: world.restartNats }]
      : []),
    { at: 0.8, name: 'receiver and worker', kill: world.restartBoth },
  ]
  let running: Promise<void> = Promise.resolve()
  return {
    kills,
    progress: (count: number) => {
      const next = plan[0]
      if (!next || count < next.at * options.webhooks) return
      plan.shift()
      kills.push(next.name)
      log(`kill -9 of ${next.name} after ${count} events`)
      running = running.then(next.kill)
    },
    done: () => running,
  }
}

async function drain(world: World, expected: number): Promise<void> {
  const deadline = Date.now() + DRAIN_MS
  while (Date.now() < deadline && world.countEffects() < expected) await sleep(50)
  await sleep(200) // a second effect would come now
}

function judge(world: World, acknowledged: Map<string, string[]>) {
  const handled = new Map<string, string[]>()
  for (const { id, conversation } of world.effects()) {
    const list = handled.get(conversation) ?? []
    list.push(id)
    handled.set(conversation, list)
  }
  const wrongLost: string[] = []
  const wrongOrder: string[] = []
  for (const [conversation, ids] of acknowledged) {
    const known = new Set(ids)
    const actual = (handled.get(conversation) ?? []).filter((id) => known.has(id))
    wrongLost.push(...ids.filter((id) => !actual.includes(id)))
    if (actual.join() !== ids.filter((id) => actual.includes(id)).join()) {
      wrongOrder.push(conversation)
    }
  }
  const { handledCount, repeatedDeliveries } = world.totals()
  return { handled: handledCount, repeatedDeliveries, wrongLost, wrongOrder }
}

async function countDeadLetters(world: World): Promise<number> {
  await using transport = await openTransport(world.address())
  return (await transport.deadLetters.list()).length
}

async function startWorld(options: SoakOptions, folder: string) {
  const port = await freePort()
  const simulator = await createPlatformSimulator({ platform: 'whatsapp' })
  const effectsPath = join(folder, 'effects.db')
  const effects = new DatabaseSync(effectsPath, { timeout: 5_000 })
  effects.exec(`pragma journal_mode = wal;
    create table effects (position integer primary key autoincrement, id text not null unique,
      conversation text not null, deliveries integer not null default 1) strict`)
  const natsOptions = { storeDir: join(folder, 'nats'), port: await freePort() }
  let nats: NatsServer | undefined
  if (options.transport === 'nats') nats = await startNatsServer(natsOptions)
  const address = nats?.url ?? `sqlite:${join(folder, 'messages.db')}`
  const startReceiver = () =>
    startChild('receiver.ts', [address, String(port), JSON.stringify(simulator.credentials)])
  const startWorker = () => startChild('worker.ts', [address, effectsPath])
  let receiver = await startReceiver()
  let worker = await startWorker()

  const restartReceiver = async () => {
    await kill(receiver)
    receiver = await startReceiver()
  }
  const restartWorker = async () => {
    await kill(worker)
    worker = await startWorker()
  }
  return {
    port,
    simulator,
    address: () => address,
    restartReceiver,
    restartWorker,
    restartBoth: async () => {
      await Promise.all([restartReceiver(), restartWorker()])
    },
    restartNats: async () => {
      await nats?.close() // SIGKILL; the store stays
      nats = await startNatsServer(natsOptions)
    },
    countEffects: () => Number(effects.prepare('select count(*) as n from effects').get()?.n),
    effects: () =>
      effects
        .prepare('select * from effects order by position')
        .all()
        .map((row) => ({ id: platformId(String(row.id)), conversation: String(row.conversation) })),
    totals: () => {
      const row = effects
        .prepare('select count(*) as n, coalesce(sum(deliveries - 1), 0) as again from effects')
        .get()
      return { handledCount: Number(row?.n), repeatedDeliveries: Number(row?.again) }
    },
    close: async () => {
      await Promise.all([kill(receiver), kill(worker)])
      await nats?.close()
      await simulator.close()
      effects.close()
    },
  }
}

/** Our id is `platform:channel:provider's id`. */
const platformId = (id: string) => id.split(':').slice(2).join(':')

async function startChild(file: string, args: string[]): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@mortise/source', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(`${file} ended before it was ready`)
    }),
  ])
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || address === null) throw new Error('No free port')
  return address.port
}
