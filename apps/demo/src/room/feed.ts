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
  /** A `text/event-stream` with the last steps first. */
  stream: (signal: AbortSignal) => ReadableStream<Uint8Array>
}

const KEPT_STEPS = 200

/** An empty feed. */
export function createFeed(): Feed {
  const steps: FeedStep[] = []
  const watchers = new Set<(frame: Uint8Array) => void>()
  let number = 0
  let chapter: string | undefined
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
    broadcast(frameOf('step', step))
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
    stream: (signal) => {
      let watch: ((frame: Uint8Array) => void) | undefined
      const leave = () => watch && watchers.delete(watch)
      return new ReadableStream({
        start(controller) {
          for (const step of steps) controller.enqueue(frameOf('step', step))
          watch = (frame) => controller.enqueue(frame)
          watchers.add(watch)
          signal.addEventListener('abort', leave)
        },
        cancel: () => void leave(),
      })
    },
  }
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
function frameOf(event: string, data: unknown): Uint8Array {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
