import { parseArgs } from 'node:util'

export const COMMANDS = ['upload', 'compact', 'verify', 'stats'] as const
export type Command = (typeof COMMANDS)[number]

/** What is wrong with a command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

const OPTIONS = {
  bucket: text,
  endpoint: text,
  region: text,
  prefix: text,
  config: text,
  'time-zone': text,
  'file-name': text,
  day: text,
  file: text,
  format: text,
  compression: text,
  mode: text,
  delivery: text,
  'key-field': text,
  json: flag,
  help: flag,
  version: flag,
} as const

export type CommandOptions = ReturnType<typeof parseCommandLine>['options']

/** @throws {UsageError} */
export function parseCommandLine(args: readonly string[]) {
  const { values, positionals } = parse(args)
  const [command, extra] = positionals
  if (extra !== undefined) throw new UsageError(`${extra}: one command at a time`)
  if (values.help || values.version) return { command: undefined, options: values }
  if (command === undefined) throw new UsageError(`give a command: ${COMMANDS.join(', ')}`)
  if (!COMMANDS.includes(command as Command)) {
    throw new UsageError(`${command} is not a command; give one of ${COMMANDS.join(', ')}`)
  }
  if (values.day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(values.day)) {
    throw new UsageError(`--day: received ${values.day}; give YYYY-MM-DD`)
  }
  return { command: command as Command, options: values }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
