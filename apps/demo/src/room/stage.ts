import { setTimeout as sleep } from 'node:timers/promises'
import type {
  PlatformSimulator,
  SignedWebhook,
  SimulatedApiCall,
  SimulatedEvent,
} from '@mortise/messaging-sdk/testing'
import { type RunningDemo, simulatedSide } from '../running-demo.ts'
import { drawPicture } from '../world/picture.ts'

/** Where a fault happens: one simulated platform, and what was seen on it since the stage was opened. */
export interface Stage {
  simulator: PlatformSimulator
  webhook: (event: SimulatedEvent) => SignedWebhook
  /** Posts it as it is; the status of the answer. */
  send: (webhook: Pick<SignedWebhook, 'url' | 'headers' | 'body'>) => Promise<number>
  /** Waits until a reply has left and nothing is under way. */
  answered: () => Promise<void>
  settled: () => Promise<void>
  until: (reached: () => Promise<boolean> | boolean) => Promise<void>
  stored: () => number
  replies: () => number
  calls: () => readonly SimulatedApiCall[]
  /** In words. */
  elapsed: () => string
}

const PATIENCE_MS = 30_000
const LOOK_AGAIN_MS = 20

/** Opens the first simulated platform. */
export function openStage(demo: RunningDemo): Stage {
  const { simulator, webhookUrl, name } = simulatedSide(demo)
  const { conversations, transport } = demo.parts
  const began = performance.now()
  const since = new Date().toISOString()
  const [sentBefore, callsBefore] = [simulator.sent.length, simulator.calls.length]
  const replies = () => simulator.sent.length - sentBefore
  const idle = async () => (await transport.lag()).every(({ pending }) => pending === 0)
  return {
    simulator,
    webhook: (event) => simulator.webhook(event, webhookUrl),
    send: async ({ url, headers, body }) =>
      (await fetch(url, { method: 'POST', headers, body })).status,
    answered: () => until(async () => replies() > 0 && (await idle())),
    settled: () => until(idle),
    until,
    stored: () => {
      const isNew = ({ at }: { at: string }) => at >= since
      const ofThisPlatform = conversations.lines().filter(({ platform }) => platform === name)
      return ofThisPlatform.filter((line) => line.direction === 'in' && isNew(line)).length
    },
    replies,
    calls: () => simulator.calls.slice(callsBefore),
    elapsed: () => seconds(performance.now() - began),
  }
}

/** A text that somebody writes. */
export function text(words: string): SimulatedEvent {
  return { type: 'text', text: words }
}

/** A picture that somebody sends. */
export function picture() {
  const data = drawPicture(480, 300)
  return { type: 'media', kind: 'image', data, mime: 'image/png', filename: 'picture.png' } as const
}

/** `3.1 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

async function until(reached: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error('the system did not finish in time')
    await sleep(LOOK_AGAIN_MS)
  }
}
