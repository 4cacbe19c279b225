/** Where a command writes, and when it must end. */
export interface CliIo {
  out: (line: string) => void
  error: (line: string) => void
  signal: AbortSignal
}

/** What a command ends with: fine, something is wrong, the command line is wrong. */
export const EXIT = { ok: 0, problem: 1, usage: 2 } as const

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

/** The options of every command that looks at a transport. */
export const transportOptions = {
  transport: { type: 'string' },
  prefix: { type: 'string' },
  creds: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const
