import { styleText } from 'node:util'

/** Tells what happens, in a form a person enjoys reading. Colour only on a terminal. */
export interface Narrator {
  /** A new chapter. */
  chapter: (title: string, meaning: string) => void
  /** One thing that happened, in whose part of the system, and how it went. */
  step: (who: string, what: string, mark?: Mark) => void
  /** Lines for the end. */
  table: (rows: readonly (readonly [string, string])[]) => void
  say: (line: string) => void
}

/** How a step went: as hoped, refused or failed as it should, waiting, or only for information. */
export type Mark = 'done' | 'refused' | 'waits' | 'note'

const MARKS = {
  done: ['green', '✓'],
  refused: ['red', '✗'],
  waits: ['yellow', '◷'],
  note: ['gray', '·'],
} as const

const WHO_WIDTH = 18

/** A narrator that writes lines to a stream. */
export function createNarrator(stream: NodeJS.WritableStream): Narrator {
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream })
  const say = (line: string) => {
    stream.write(`${line}\n`)
  }
  return {
    say,
    chapter: (title, meaning) => {
      say('')
      say(`${paint('bold', title)}  ${paint('gray', meaning)}`)
    },
    step: (who, what, mark = 'done') => {
      const [colour, sign] = MARKS[mark]
      say(`  ${paint('cyan', who.padEnd(WHO_WIDTH))}${paint(colour, sign)} ${what}`)
    },
    table: (rows) => {
      const width = Math.max(...rows.map(([name]) => name.length))
      for (const [name, value] of rows) say(`  ${name.padEnd(width)}  ${value}`)
    },
  }
}
