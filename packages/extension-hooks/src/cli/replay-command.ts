import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createHookHost, type HookHost } from '../hook-host.ts'
import type { Capture } from './capture.ts'
import { type CliIo, paint, UsageError } from './cli-io.ts'
import { type Difference, diffAnswers } from './diff-answers.ts'
import { loadModule } from './load-module.ts'
import { createRedact } from './redact.ts'

/** How one capture came out. */
interface Replayed {
  readonly line: number
  readonly function: unknown
  readonly status: { readonly before: number; readonly after: number }
  readonly differences: readonly Difference[]
}

/** `mortise-hooks replay <module> <captures>`: runs recorded calls again and shows what changed. Exit code 1 when something did. */
export async function replayCommand(args: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      redact: { type: 'string', multiple: true, default: [] },
    },
  })
  const [module, file] = positionals
  if (file === undefined)
    throw new UsageError('Name the module and the captures: mortise-hooks replay <module> <file>')
  const host = createHookHost((await loadModule(module)).extension)
  const more = new Set(values.redact.map((name) => name.toLowerCase()))
  let changed = 0
  let line = 0
  for await (const capture of readCaptures(file)) {
    const replayed = await replay(host, capture, { line: ++line, more })
    const same =
      replayed.differences.length === 0 && replayed.status.before === replayed.status.after
    if (!same) changed++
    io.write(values.json ? `${JSON.stringify(replayed)}\n` : describe(replayed, same, io))
  }
  if (!values.json) io.write(`${line} replayed, ${changed} changed\n`)
  return changed === 0 ? 0 : 1
}

async function replay(
  host: HookHost,
  { call, status, answer }: Capture,
  { line, more }: { line: number; more: ReadonlySet<string> },
): Promise<Replayed> {
  const result = await host.invoke(call)
  const now: unknown = result.ok ? JSON.parse(result.json) : { errors: result.errors }
  return {
    line,
    function: call.function,
    status: { before: status, after: result.status },
    differences: diffAnswers(answer, createRedact([call], more)(JSON.parse(JSON.stringify(now)))),
  }
}

/** The captures in a file, one at a time. @throws {UsageError} when it cannot be read or holds something else */
export async function* readCaptures(file: string): AsyncGenerator<Capture> {
  const lines = createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  try {
    for await (const line of lines) if (line.trim() !== '') yield parseCapture(line)
  } catch (error) {
    throw error instanceof UsageError
      ? error
      : new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function parseCapture(line: string): Capture {
  try {
    const capture = JSON.parse(line) as Capture
    if (
      typeof capture.call === 'object' &&
      capture.call !== null &&
      typeof capture.status === 'number'
    )
      return capture
  } catch {
    // Told below.
  }
  throw new UsageError('The file holds a line that mortise-hooks record did not write.')
}

function describe(
  { line, function: name, status, differences }: Replayed,
  same: boolean,
  io: CliIo,
): string {
  const head = `${same ? paint(io, 'green', 'same') : paint(io, 'red', 'changed')} ${line} ${JSON.stringify(name)}`
  const answer = status.before === status.after ? '' : ` ${status.before} → ${status.after}`
  const lines = differences.map(
    ({ path, before, after }) => `  ${path}: ${show(before)} → ${show(after)}\n`,
  )
  return `${head}${answer}\n${lines.join('')}`
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
