import { randomUUID } from 'node:crypto'
import type { RunningDemo } from '../start-demo.ts'
import { drawPicture } from '../world/picture.ts'
import { startDoomedWorker } from './crash-worker.ts'
import type { FullDisk } from './full-disk.ts'

/** Something that goes wrong when asked to, and what a person should watch for. */
export interface Fault {
  name: string
  title: string
  /** What the system does about it, in a sentence. */
  expect: string
  inject: () => Promise<void>
}

const STORM = 50
const RETRY_AFTER_MS = 3000
const FAILING_WRITES = 2

/** All faults of the control room, on WhatsApp. */
export function createFaults(demo: RunningDemo, disk: FullDisk): Fault[] {
  const { narrator } = demo.parts
  const { simulator, webhookUrl } = demo.world.whatsapp
  const text = (words: string) => ({ type: 'text', text: words, id: newId() }) as const
  const picture = () =>
    ({
      type: 'media',
      kind: 'image',
      data: drawPicture(480, 300),
      mime: 'image/png',
      id: newId(),
    }) as const

  return [
    {
      name: 'bad-signature',
      title: 'Wrong signature',
      expect: 'The webhook is refused with 401 and nothing is stored.',
      inject: async () => {
        const { body, headers } = simulator.webhook(text('Pay this invoice'), webhookUrl)
        const forged = body.replace('this', 'that')
        const { status } = await fetch(webhookUrl, { method: 'POST', headers, body: forged })
        narrator.step('platform', `POST with a changed body → ${status}`, 'refused')
      },
    },
    {
      name: 'duplicate-storm',
      title: 'Duplicate storm',
      expect: `The same webhook ${STORM} times: each is acknowledged, one reply leaves.`,
      inject: async () => {
        const { url, ...webhook } = simulator.webhook(text('Hello? Hello!'), webhookUrl)
        const { headers, body } = webhook
        const post = () => fetch(url, { method: 'POST', headers, body })
        const answers = await Promise.all(Array.from({ length: STORM }, post))
        const acknowledged = answers.filter(({ ok }) => ok).length
        narrator.step('platform', `the same webhook ${STORM} times → ${acknowledged} × 200`)
      },
    },
    {
      name: 'rate-limit',
      title: 'Rate limit',
      expect: 'The reply waits as long as Retry-After says, then leaves.',
      inject: async () => {
        simulator.failNext({ kind: 'too-fast', retryAfterMs: RETRY_AFTER_MS })
        narrator.step(
          'platform',
          `the next reply meets 429, Retry-After ${RETRY_AFTER_MS / 1000}`,
          'waits',
        )
        await simulator.post(text('Are you busy?'), webhookUrl)
      },
    },
    {
      name: 'dropped-download',
      title: 'Dropped download',
      expect: 'The download goes on where it broke off, and the digest is checked.',
      inject: async () => {
        const event = picture()
        simulator.failNextMedia({ kind: 'cut', afterBytes: Math.round(event.data.length / 2) })
        narrator.step('platform', 'the next download breaks in the middle', 'waits')
        await simulator.post(event, webhookUrl)
      },
    },
    {
      name: 'full-disk',
      title: 'Full disk',
      expect: `Storing fails ${FAILING_WRITES} times; the message is tried again until there is room.`,
      inject: async () => {
        disk.fillFor(FAILING_WRITES)
        narrator.step('files-remote', `no room for the next ${FAILING_WRITES} writes`, 'waits')
        await simulator.post(picture(), webhookUrl)
      },
    },
    {
      name: 'worker-crash',
      title: 'Crash of a worker',
      expect: 'A worker process is killed in the middle of a message; another finishes it, once.',
      inject: async () => {
        const resume = await demo.pausePipeline()
        try {
          const worker = await startDoomedWorker(demo.setup, narrator)
          const killed = worker.killAtNextStep()
          await simulator.post(picture(), webhookUrl)
          await killed
        } finally {
          await resume()
        }
      },
    },
    {
      name: 'broken-hook',
      title: 'Hook with a mistake',
      expect: 'The message becomes a dead letter; repair the hook and redrive it.',
      inject: async () => {
        await simulator.post(text('My parcel is lost'), webhookUrl)
      },
    },
  ]
}

function newId(): string {
  return `wamid.${randomUUID()}`
}
