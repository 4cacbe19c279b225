import { parseArgs } from 'node:util'
import { isDay } from '../day.ts'

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
  'time-field': text,
  json: flag,
  help: flag,
  version: flag,
} as const

/** Options that some commands have no use for, and those that do. */
const ONLY_FOR: Partial<Record<keyof typeof OPTIONS, readonly Command[]>> = {
  day: ['compact', 'verify', 'stats'],
  file: ['verify', 'stats'],
  mode: ['upload', 'compact'],
  delivery: ['upload'],
  'key-field': ['upload'],
  'time-field': ['upload'],
}

/** What names a bucket; a configuration or a file on this machine stands for all of it. */
const BUCKET = ['bucket', 'endpoint', 'region', 'prefix', 'time-zone', 'file-name'] as const

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
  checkTogether(command as Command, values)
  if (values.day !== undefined && !isDay(values.day)) {
    throw new UsageError(`--day: received ${values.day}; give YYYY-MM-DD`)
  }
  return { command: command as Command, options: values }
}

/** What would be passed over in silence is refused. */
function checkTogether(command: Command, options: ReturnType<typeof parse>['values']): void {
  for (const [name, commands] of Object.entries(ONLY_FOR)) {
    if (name in options && !commands.includes(command)) {
      throw new UsageError(`--${name}: ${command} has no use for it; only ${commands.join(', ')}`)
    }
  }
  const other = (['file', 'config'] as const).find((name) => options[name] !== undefined)
  if (other === undefined) return
  const beside = [...BUCKET, ...(other === 'file' ? (['config', 'day'] as const) : [])]
  const both = beside.find((name) => options[name] !== undefined)
  if (both) throw new UsageError(`--${both}: --${other} stands for it; leave one of them out`)
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
