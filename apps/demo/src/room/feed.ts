import { randomUUID } from 'node:crypto'
import type { Mark, Narrator } from '../narrator.ts'

/** One thing that happened, as the page shows it. */
export interface FeedStep {
  number: number
  /** ISO 8601. */
  at: string
  who: string
  what: string
  mark: Mark
  chapter?: string
}

/** What happens, for pages that watch: the last steps, and every new one as a server-sent event. */
export interface Feed {
  /** Hears everything that a narrator is told. */
  listenTo: (narrator: Narrator) => Narrator
  /** Tells the pages that there is more to see than steps. */
  announce: () => void
  /** A `text/event-stream` with the last steps first; only those that a page has not seen if it tells its last one. */
  stream: (lastEventId?: string | null) => ReadableStream<Uint8Array>
}

const KEPT_STEPS = 200
/** A page that does not read so many frames is cut off; it asks again by itself. */
const MOST_UNREAD = 1000

/** An empty feed. */
export function createFeed(): Feed {
  const steps: FeedStep[] = []
  const watchers = new Set<(frame: Uint8Array) => void>()
  const run = randomUUID() // a page that outlives the demo must not take the next run's steps for known ones
  let number = 0
  let chapter: string | undefined
  const stepFrame = (step: FeedStep) => frameOf('step', step, `${run}/${step.number}`)
  const broadcast = (frame: Uint8Array) => {
    for (const watcher of watchers) watcher(frame)
  }
  const add = (who: string, what: string, mark: Mark) => {
    number += 1
    const step = {
      number,
      at: new Date().toISOString(),
      who,
      what,
      mark,
      ...(chapter && { chapter }),
    }
    steps.push(step)
    if (steps.length > KEPT_STEPS) steps.shift()
    broadcast(stepFrame(step))
  }
  return {
    listenTo: (narrator) => ({
      ...narrator,
      chapter: (title, meaning) => {
        chapter = title
        narrator.chapter(title, meaning)
      },
      step: (who, what, mark = 'done') => {
        narrator.step(who, what, mark)
        add(who, what, mark)
      },
    }),
    announce: () => broadcast(frameOf('news', {})),
    stream: (lastEventId) => {
      const [knownRun, known] = lastEventId?.split('/') ?? []
      const seen = knownRun === run ? Number(known) : 0
      let watch: ((frame: Uint8Array) => void) | undefined
      const leave = () => void (watch && watchers.delete(watch))
      return new ReadableStream({
        start(controller) {
          for (const step of steps) if (step.number > seen) controller.enqueue(stepFrame(step))
          watch = (frame) => {
            controller.enqueue(frame)
            if ((controller.desiredSize ?? 0) > -MOST_UNREAD) return
            leave()
            controller.close()
          }
          watchers.add(watch)
        },
        cancel: leave,
      })
    },
  }
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
function frameOf(event: string, data: unknown, id?: string): Uint8Array {
  const line = id === undefined ? '' : `id: ${id}\n`
  return Buffer.from(`${line}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
