import type { RunningDemo } from '../running-demo.ts'
import { startDoomedWorker } from './crash-worker.ts'
import type { FullDisk } from './full-disk.ts'
import { openStage, picture, seconds, text } from './stage.ts'

/** Something that goes wrong when asked to, and what a person should watch for. */
export interface Fault {
  name: string
  title: string
  /** What the system does about it, in a sentence. */
  expect: string
  /** Makes it happen, waits until the system is done with it, and tells what was seen. */
  inject: () => Promise<string>
}

const STORM = 50
const RETRY_AFTER_MS = 3000
const FAILING_WRITES = 2

/** All faults of the control room, on the first simulated platform. */
export function createFaults(demo: RunningDemo, disk: FullDisk): Fault[] {
  return [
    badSignature(demo),
    duplicateStorm(demo),
    rateLimit(demo),
    droppedDownload(demo),
    fullDisk(demo, disk),
    workerCrash(demo),
    brokenHook(demo),
  ]
}

function badSignature(demo: RunningDemo): Fault {
  return {
    name: 'bad-signature',
    title: 'Wrong signature',
    expect: 'The webhook is refused with 401 and nothing is stored.',
    inject: async () => {
      const stage = openStage(demo)
      const { body, headers, url } = stage.webhook(text('Pay this invoice'))
      const status = await stage.send({ url, headers, body: body.replace('this', 'that') })
      demo.parts.narrator.step('platform', `POST with a changed body → ${status}`, 'refused')
      await stage.settled()
      return `Answered ${status}; ${stage.stored()} messages stored, ${stage.replies()} replies sent.`
    },
  }
}

function duplicateStorm(demo: RunningDemo): Fault {
  return {
    name: 'duplicate-storm',
    title: 'Duplicate storm',
    expect: `The same webhook ${STORM} times: each is acknowledged, one reply leaves.`,
    inject: async () => {
      const stage = openStage(demo)
      const webhook = stage.webhook(text('Hello? Hello!'))
      const storm = Array.from({ length: STORM }, () => stage.send(webhook))
      const acknowledged = (await Promise.all(storm)).filter((status) => status === 200).length
      const told = `the same webhook ${STORM} times → ${acknowledged} × 200`
      demo.parts.narrator.step('platform', told)
      await stage.answered()
      return `${acknowledged} of ${STORM} acknowledged; ${stage.stored()} message stored, ${stage.replies()} reply sent.`
    },
  }
}

function rateLimit(demo: RunningDemo): Fault {
  return {
    name: 'rate-limit',
    title: 'Rate limit',
    expect: 'The reply waits as long as Retry-After says, then leaves.',
    inject: async () => {
      const stage = openStage(demo)
      stage.simulator.failNext({ kind: 'too-fast', retryAfterMs: RETRY_AFTER_MS })
      const told = `the next reply meets 429, Retry-After ${RETRY_AFTER_MS / 1000}`
      demo.parts.narrator.step('platform', told, 'waits')
      await stage.send(stage.webhook(text('Are you busy?')))
      await stage.answered()
      return `Asked to wait ${seconds(RETRY_AFTER_MS)}; ${stage.replies()} reply sent after ${stage.elapsed()}.`
    },
  }
}

function droppedDownload(demo: RunningDemo): Fault {
  return {
    name: 'dropped-download',
    title: 'Dropped download',
    expect: 'The download goes on where it broke off, and the digest is checked.',
    inject: async () => {
      const stage = openStage(demo)
      const event = picture()
      const afterBytes = Math.round(event.data.length / 2)
      stage.simulator.failNextMedia({ kind: 'cut', afterBytes })
      demo.parts.narrator.step('platform', 'the next download breaks in the middle', 'waits')
      await stage.send(stage.webhook(event))
      await stage.answered()
      const [from = 'the beginning'] = stage.calls().flatMap(({ headers }) => headers.range ?? [])
      return `Broke off; asked again for ${from}; stored whole, ${stage.replies()} reply sent.`
    },
  }
}

function fullDisk(demo: RunningDemo, disk: FullDisk): Fault {
  return {
    name: 'full-disk',
    title: 'Full disk',
    expect: `Storing fails ${FAILING_WRITES} times; the message is tried again until there is room.`,
    inject: async () => {
      const stage = openStage(demo)
      disk.fillFor(FAILING_WRITES)
      demo.parts.narrator.step(
        'files-remote',
        `no room for the next ${FAILING_WRITES} writes`,
        'waits',
      )
      await stage.send(stage.webhook(picture()))
      await stage.answered()
      return `${FAILING_WRITES - disk.left()} writes failed; stored at the next, ${stage.replies()} reply sent after ${stage.elapsed()}.`
    },
  }
}

function workerCrash(demo: RunningDemo): Fault {
  return {
    name: 'worker-crash',
    title: 'Crash of a worker',
    expect: 'A worker process is killed in the middle of a message; another finishes it, once.',
    inject: async () => {
      const stage = openStage(demo)
      const resume = await demo.pausePipeline()
      let pid: number | undefined
      try {
        using worker = await startDoomedWorker(demo.setup, demo.parts.narrator)
        const killed = worker.killAtNextStep()
        await stage.send(stage.webhook(picture()))
        pid = await killed
      } finally {
        await resume()
      }
      await stage.answered()
      return `Process ${pid} was killed; this one finished its message, ${stage.replies()} reply sent after ${stage.elapsed()}.`
    },
  }
}

function brokenHook(demo: RunningDemo): Fault {
  return {
    name: 'broken-hook',
    title: 'Hook with a mistake',
    expect: 'The message becomes a dead letter; repair the hook and redrive it.',
    inject: async () => {
      const { narrator, transport, deployHook } = demo.parts
      const stage = openStage(demo)
      const { length: before } = await transport.deadLetters.list()
      deployHook('with the mistake')
      narrator.step('extension-hooks', 'the hook with the mistake is deployed', 'note')
      await stage.send(stage.webhook(text('My parcel is lost')))
      await stage.until(async () => (await transport.deadLetters.list()).length > before)
      await stage.send(stage.webhook(text('Hello?')))
      await stage.answered()
      return `1 message set aside as a dead letter; the next one was answered. Repair the hook, then redrive.`
    },
  }
}
