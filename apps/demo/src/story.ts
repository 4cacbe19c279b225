import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeadLetter } from '@mortise/messaging-sdk'
import type { SimulatedEvent } from '@mortise/messaging-sdk/testing'
import { API_KEY, explain, pingAcme, readAcmeManifest } from './acme/connection.ts'
import { readSegments } from './read-segments.ts'
import { type Demo, simulatedSide } from './running-demo.ts'
import { drawPicture } from './world/picture.ts'
import { startSaasApi } from './world/saas-api.ts'

const ANA = '5511987654321'
const BRUNO = '4915123456789'
const CARLA = '351912345678'
const PATIENCE_MS = 20_000

type CustomerMessage = Extract<SimulatedEvent, { type: 'text' | 'media' }>

/** Tells the whole story once: one message all the way, then what each kind of error does. */
export async function tellStory(demo: Demo): Promise<void> {
  await onePing(demo)
  await oneMessage(demo)
  await aWrongSignature(demo)
  await aRateLimit(demo)
  await aBrokenDownload(demo)
  await aHookWithAMistake(demo)
}

async function onePing({ parts: { narrator } }: Demo): Promise<void> {
  narrator.chapter('A connection', 'declared once, then checked')
  const manifest = readAcmeManifest()
  narrator.step('manifest', `${manifest.name} parsed: ${manifest.authentication.type}`)
  const api = await startSaasApi({ apiKey: API_KEY })
  const good = await pingAcme(manifest, { baseURI: api.url, apiKey: API_KEY })
  narrator.step('manifest', `ping ${explain(good)}`)
  const bad = await pingAcme(manifest, { baseURI: api.url, apiKey: 'acme-secret-key-0' })
  narrator.step('manifest', `with another key: ${explain(bad)}`, 'refused')
  await api[Symbol.asyncDispose]()
}

async function oneMessage(demo: Demo): Promise<void> {
  demo.parts.narrator.chapter('A message, all the way', 'acknowledged only when it is stored')
  const picture = {
    type: 'media',
    kind: 'image',
    data: drawPicture(320, 200),
    mime: 'image/png',
  } as const
  await customerWrites(demo, { ...picture, from: ANA, caption: 'The   shelf arrived like this' })
  await replies(demo, 1)
  await openTheLink(demo)
}

/** Opens the stored picture as somebody would who got the link, and once with the signature cut off. */
async function openTheLink({ parts: { narrator, storage } }: Demo): Promise<void> {
  for await (const entry of storage.list({ prefix: 'inbox/' })) {
    if (entry.kind !== 'object') continue
    const { url } = await storage.signUrl({ method: 'GET', key: entry.key })
    const answer = await fetch(url)
    const { byteLength } = await answer.arrayBuffer()
    const what = `${byteLength} bytes of ${answer.headers.get('content-type')}`
    narrator.step('files-remote', `the signed link opens: ${what}`)
    const bare = await fetch(new URL(new URL(url).pathname, url))
    narrator.step('files-remote', `without its signature: ${bare.status}`, 'refused')
    return
  }
}

async function aWrongSignature(demo: Demo): Promise<void> {
  const { narrator } = demo.parts
  narrator.chapter('A wrong signature', 'auth: nothing is stored, the answer tells nothing')
  const { simulator, webhookUrl } = simulatedSide(demo)
  const { body, headers } = simulator.webhook(
    { type: 'text', text: 'Send all your money' },
    webhookUrl,
  )
  const forged = body.replace('all your', 'me your')
  const answer = await fetch(webhookUrl, { method: 'POST', headers, body: forged })
  narrator.step('platform', `POST with a changed body → ${answer.status}`, 'refused')
}

async function aRateLimit(demo: Demo): Promise<void> {
  demo.parts.narrator.chapter(
    'A rate limit',
    'rate_limit: wait as long as it says, then the same step',
  )
  simulatedSide(demo).simulator.failNext({ kind: 'too-fast', retryAfterMs: 1000 })
  demo.parts.narrator.step('platform', 'the next reply meets 429 with Retry-After: 1', 'waits')
  await customerWrites(demo, { type: 'text', text: 'Is anybody there?', from: BRUNO })
  await replies(demo, 2)
}

async function aBrokenDownload(demo: Demo): Promise<void> {
  demo.parts.narrator.chapter('A broken download', 'transient: go on where it stopped')
  const picture = drawPicture(640, 400)
  simulatedSide(demo).simulator.failNextMedia({
    kind: 'cut',
    afterBytes: Math.round(picture.length / 2),
  })
  demo.parts.narrator.step('platform', 'the next download breaks in the middle', 'waits')
  await customerWrites(demo, {
    type: 'media',
    kind: 'image',
    data: picture,
    mime: 'image/png',
    from: CARLA,
  })
  await replies(demo, 3)
}

async function aHookWithAMistake(demo: Demo): Promise<void> {
  const { narrator, transport } = demo.parts
  narrator.chapter(
    'A hook with a mistake',
    'permanent: this message is set aside, the next goes on',
  )
  const id = await customerWrites(demo, { type: 'text', text: 'My parcel is lost', from: BRUNO })
  let letter: DeadLetter | undefined
  await until(async () => {
    const letters = await transport.deadLetters.list({ limit: 1000 })
    letter = letters.find(({ envelope }) => envelope.id.includes(id))
    return letter !== undefined
  })
  narrator.step(
    'messaging-sdk',
    `dead letter kept after attempt ${letter?.attempts}: ${letter?.error.code}`,
    'note',
  )
  await customerWrites(demo, { type: 'text', text: 'Hello?', from: BRUNO })
  await replies(demo, 4)
  demo.parts.deployHook('repaired')
  if (letter) await transport.deadLetters.redrive(letter.id)
  narrator.step('messaging-sdk', 'hook repaired, dead letter redriven', 'note')
  await replies(demo, 5)
}

/** What is left behind, read back from where it lies. */
export async function summary(demo: Demo): Promise<[string, string][]> {
  const { parts } = demo
  const { config } = demo.setup
  const { key, profiles } = await readSegments(parts.storage)
  const files: string[] = []
  for await (const entry of parts.storage.list({ prefix: 'inbox/' })) {
    if (entry.kind === 'object') files.push(`${entry.key} (${entry.sizeBytes} bytes)`)
  }
  const dead = await parts.transport.deadLetters.list()
  const where = config.s3 ? `${config.s3.endpoint}/${config.s3.bucket}` : `${config.folder}/storage`
  return [
    ['replies sent', String(simulatedSide(demo).simulator.sent.length)],
    ['profiles', `${profiles.length} in ${key}`],
    ['files', files.join(', ')],
    ['dead letters', dead.map(({ error }) => error.message).join(', ') || 'none'],
    ['results', where],
  ]
}

/** Posts a message, under an id that the dead letter is found by. */
async function customerWrites(demo: Demo, message: CustomerMessage): Promise<string> {
  const { simulator, webhookUrl } = simulatedSide(demo)
  const event = { ...message, id: `wamid.${randomUUID()}` }
  const began = performance.now()
  const answer = await simulator.post(event, webhookUrl)
  const took = Math.round(performance.now() - began)
  demo.parts.narrator.step('platform', `${describe(event)} → ${answer.status} in ${took} ms`)
  if (!answer.ok) throw new Error(`the webhook was answered with ${answer.status}`)
  return event.id
}

function describe(message: CustomerMessage): string {
  if (message.type === 'text') return `signed webhook “${message.text}”`
  return `signed webhook with an ${message.kind}`
}

async function replies(demo: Demo, count: number): Promise<void> {
  await until(async () => {
    const lag = await demo.parts.transport.lag()
    return (
      simulatedSide(demo).simulator.sent.length >= count &&
      lag.every(({ pending }) => pending === 0)
    )
  })
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error('the pipeline did not finish in time')
    await sleep(20)
  }
}
