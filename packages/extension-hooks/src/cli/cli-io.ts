import { styleText } from 'node:util'

/** What a command may touch of the world. */
export interface CliIo {
  readonly write: (text: string) => void
  readonly warn: (text: string) => void
  readonly readInput: () => Promise<string>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Colours only where somebody sees them. */
  readonly colour: boolean
  /** Ends commands that run until they are told to stop. */
  readonly signal: AbortSignal
}

/** Bad usage: exit code 2 and the text. */
export class UsageError extends Error {}

/** Runs what checks options; one that cannot work is bad usage. */
export async function asUsage<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message, { cause: error }) : error
  }
}

/** Colours a text when the output is a terminal that wants them. */
export function paint(
  io: CliIo,
  style: 'red' | 'green' | 'yellow' | 'dim' | 'bold',
  text: string,
): string {
  return io.colour ? styleText(style, text, { validateStream: false }) : text
}
