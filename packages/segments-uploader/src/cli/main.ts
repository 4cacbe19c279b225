import { createReadStream } from 'node:fs'
import { isIntegrationError } from '@mortise/errors'
import { type FileReport, inspectDay, inspectFile } from '../inspect-day.ts'
import { parseFormat } from '../parse-options.ts'
import { createSegmentsCompactor } from '../segments-compactor.ts'
import { SEGMENTS_CODES } from '../segments-errors.ts'
import { type CommandOptions, parseCommandLine, UsageError } from './command-line.ts'
import { type Console, type ConsoleStreams, createConsole } from './console.ts'
import { formatOptions, openStore } from './open-store.ts'
import { uploadLines } from './upload-command.ts'
import { USAGE } from './usage.ts'

const EXIT = { done: 0, refused: 1, usage: 2, store: 3, interrupted: 130 } as const

/** Runs one command line and answers its exit code. */
export async function main(
  args: readonly string[],
  streams: ConsoleStreams & { readonly version: string },
): Promise<number> {
  const console = createConsole(streams)
  try {
    const { command, options } = parseCommandLine(args)
    if (options.version) console.log(streams.version)
    else if (options.help || command === undefined) console.log(USAGE.trimEnd())
    else return await COMMANDS[command]({ options, console, env: streams.env })
    return EXIT.done
  } catch (error) {
    return report(error, console)
  }
}

interface Context {
  readonly options: CommandOptions
  readonly console: Console
  readonly env: NodeJS.ProcessEnv
}

const COMMANDS = { upload, compact, verify, stats }

async function upload({ options, console, env }: Context): Promise<number> {
  const store = await openStore(options, env)
  try {
    const fields = { keyField: options['key-field'], timeField: options['time-field'] }
    const summary = await uploadLines({ ...store.options, ...fields }, console)
    const { uploaded, duplicates, refused, interrupted } = summary
    print(options, console, summary, [
      `${uploaded} uploaded, ${duplicates} were there already, ${refused} refused`,
    ])
    if (interrupted) {
      console.error('interrupted: what follows was not sent')
      return EXIT.interrupted
    }
    return refused === 0 ? EXIT.done : EXIT.refused
  } finally {
    store.close()
  }
}

async function compact({ options, console, env }: Context): Promise<number> {
  const store = await openStore(options, env)
  try {
    const compactor = createSegmentsCompactor({
      ...store.options,
      onDiagnostic: ({ message }) => console.error(message),
    })
    const done = await compactor.compact(options.day)
    print(options, console, done, [
      `${done.profiles} profiles folded from ${done.objects} journal objects`,
    ])
    return EXIT.done
  } finally {
    store.close()
  }
}

async function verify(context: Context): Promise<number> {
  const report = await inspect(context)
  const { key, exists, valid, profiles, problem, sideFiles } = report
  const verdict = valid ? `is whole: ${profiles} profiles` : `is not whole: ${problem}`
  print(context.options, context.console, report, [
    exists ? `${key} ${verdict}` : `${key} is not there`,
    ...sideFiles.map((name) => `${name} was begun because ${key} could not be read`),
  ])
  return valid && exists ? EXIT.done : EXIT.refused
}

async function stats(context: Context): Promise<number> {
  const report = await inspect(context)
  const { key, sizeBytes, profiles, distinctIds, waiting, topSegments } = report
  print(context.options, context.console, report, [
    `file           ${key}`,
    `bytes          ${sizeBytes}`,
    `profiles       ${profiles}`,
    `distinct ids   ${distinctIds ?? 'more than a million'}`,
    `waiting        ${waiting} journal objects`,
    ...topSegments.map(({ segment, profiles }) => `segment        ${profiles} × ${shown(segment)}`),
  ])
  return report.valid ? EXIT.done : EXIT.refused
}

/** Names come from outside: they must not move the cursor nor fill the screen. */
function shown(name: string): string {
  const text = name.replaceAll(/\p{Cc}/gu, ' ')
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`
}

const MAX_SHOWN = 80

async function inspect({ options, env }: Context): Promise<FileReport> {
  if (options.file !== undefined) return await inspectPath(options, options.file)
  const store = await openStore(options, env)
  try {
    return await inspectDay(store.options, options.day)
  } finally {
    store.close()
  }
}

async function inspectPath(options: CommandOptions, path: string): Promise<FileReport> {
  const file = parseFormat(formatOptions(options))
  let sizeBytes = 0
  const counted = async function* () {
    for await (const chunk of createReadStream(path)) {
      sizeBytes += (chunk as Buffer).length
      yield chunk as Buffer
    }
  }
  const found = await inspectFile(counted(), file, 'smi_uid')
  return { key: path, exists: true, ...found, sizeBytes, waiting: 0, sideFiles: [] }
}

function print(
  options: CommandOptions,
  console: Console,
  result: object,
  lines: readonly string[],
): void {
  if (options.json) console.log(JSON.stringify(result))
  else for (const line of lines) console.log(line)
}

function report(error: unknown, console: Console): number {
  const wrongUsage = error instanceof UsageError || error instanceof TypeError
  const wrongConfig = isIntegrationError(error) && error.code === SEGMENTS_CODES.configInvalid
  console.error(error instanceof Error ? error.message : String(error))
  if (!wrongUsage && !wrongConfig) return EXIT.store
  console.error('mortise-segments --help tells more')
  return EXIT.usage
}
