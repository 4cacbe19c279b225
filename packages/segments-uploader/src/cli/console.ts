import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'

/** What a command talks to. */
export interface Console {
  readonly stdin: Readable
  readonly log: (text: string) => void
  readonly error: (text: string) => void
  /** Begins to listen, and aborts when somebody wants an end. */
  readonly interruption: () => AbortSignal
  /** One line that is replaced by the next; only where somebody looks. */
  readonly progress: (text: string) => void
}

export interface ConsoleStreams {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: NodeJS.ProcessEnv
  readonly interruption: () => AbortSignal
}

const CLEAR_LINE = '\r\x1b[K'

/** Colour and progress only where a person looks, and no colour with NO_COLOR. */
export function createConsole({
  stdin,
  stdout,
  stderr,
  env,
  interruption,
}: ConsoleStreams): Console {
  const tty = stderr.isTTY === true
  const colour = tty && !env.NO_COLOR
  return {
    stdin,
    interruption,
    log: (text) => void stdout.write(`${text}\n`),
    error: (text) => {
      const shown = colour ? styleText('red', text, { validateStream: false }) : text
      stderr.write(`${tty ? CLEAR_LINE : ''}${shown}\n`)
    },
    progress: (text) => {
      if (tty) stderr.write(`${CLEAR_LINE}${text}`)
    },
  }
}
