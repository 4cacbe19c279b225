import { link, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters, styleText } from 'node:util'
import { type IntegrationError, isIntegrationError } from '@mortise/errors'
import type { DownloadResult } from '../download-to-file.ts'
import { createDownloader, type Downloader } from '../downloader.ts'
import { fileNameOf } from '../file-name.ts'
import { toTargetError } from '../file-target.ts'
import { type Command, HELP, parseCommandLine } from './command-line.ts'
import { progressLine, size } from './progress-line.ts'

/** What the command has to do with the world. */
export interface Terminal {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  signal: AbortSignal
  version: string
}

/** Exit codes of the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, later: 3, auth: 4, interrupted: 130 } as const

/** Runs the command; answers its exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { stdout, stderr } = terminal
  let command: Command
  try {
    const parsed = parseCommandLine(argv)
    if (parsed === 'help' || parsed === 'version') {
      stdout.write(parsed === 'help' ? HELP : `${terminal.version}\n`)
      return EXIT.done
    }
    command = parsed
  } catch (error) {
    stderr.write(`mortise-download: ${(error as Error).message}\nTry mortise-download --help\n`)
    return EXIT.usage
  }
  return runCommand(command, terminal)
}

async function runCommand(command: Command, terminal: Terminal): Promise<number> {
  let code: number = EXIT.done
  try {
    await using downloader = createDownloader({ ...command.options, signal: terminal.signal })
    for (const url of command.urls) {
      const one = await downloadOne(url, command, downloader, terminal)
      code = code === EXIT.done ? one : code
      if (terminal.signal.aborted) return EXIT.interrupted
    }
  } catch (error) {
    return fail('', error, command, terminal)
  }
  return code
}

async function downloadOne(
  url: string,
  command: Command,
  downloader: Downloader,
  terminal: Terminal,
): Promise<number> {
  const folder = command.folder ?? '.'
  const name = fileNameOf(undefined, URL.parse(url) ?? new URL('file:///'))
  // The server's name is known when the file is there: until then it has one that nobody else's file has.
  const path = command.output ?? join(folder, command.remoteName ? `.${name}.arrived` : name)
  const { resume, overwrite } = command.options
  try {
    const download = downloader.downloadToFile(url, path, { resume, overwrite })
    const shows = !command.quiet && !command.json && terminal.stderr.isTTY
    if (shows) await showProgress(name, download, terminal.stderr)
    const result = await download
    const final = command.remoteName ? await rename(result, folder) : result.path
    tell({ ...result, path: final }, command, terminal)
    return EXIT.done
  } catch (error) {
    return fail(url, error, command, terminal)
  }
}

async function showProgress(
  name: string,
  download: ReturnType<Downloader['downloadToFile']>,
  stderr: NodeJS.WriteStream,
): Promise<void> {
  try {
    for await (const progress of download) {
      stderr.write(`\r\u001b[K${progressLine(name, progress, stderr.columns - 1)}`)
    }
  } finally {
    stderr.write('\r\u001b[K')
  }
}

/** Gives a file the name that the server wants, unless that name is taken. */
async function rename(result: DownloadResult, folder: string): Promise<string> {
  const path = join(folder, result.fileName)
  try {
    await link(result.path, path)
  } catch (error) {
    throw toTargetError(path, error)
  } finally {
    await unlink(result.path)
  }
  return path
}

function tell(result: DownloadResult, command: Command, { stdout }: Terminal): void {
  if (command.json) {
    const { url: _mayHoldASecret, ...shown } = result
    stdout.write(`${JSON.stringify({ ok: true, ...shown })}\n`)
    return
  }
  if (command.quiet) return
  const mark = paint(stdout, 'green', '✓')
  const rate = size((result.bytes * 1000) / Math.max(result.durationMs, 1))
  stdout.write(
    `${mark} ${result.path}  ${size(result.bytes)}  ${rate}/s  proven by ${result.completeness}\n`,
  )
}

function fail(url: string, error: unknown, command: Command, terminal: Terminal): number {
  const { stdout, stderr, signal } = terminal
  const origin = URL.parse(url)?.origin ?? ''
  if (command.json) {
    const { code, kind, message } = error as IntegrationError
    stdout.write(`${JSON.stringify({ ok: false, origin, code, kind, message })}\n`)
  } else {
    const { code, message } = error as NodeJS.ErrnoException
    const mark = paint(stderr, 'red', '✗')
    stderr.write(
      `${mark} ${origin} ${printable(message)}${code === undefined ? '' : ` (${code})`}\n`,
    )
  }
  if (signal.aborted) return EXIT.interrupted
  if (error instanceof TypeError) return EXIT.usage
  if (!isIntegrationError(error)) return EXIT.failed
  return { auth: EXIT.auth, rate_limit: EXIT.later, transient: EXIT.later, permanent: EXIT.failed }[
    error.kind
  ]
}

/** Words of a server must not steer the terminal. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, ' ')
}

/** Colour only on a terminal that wants it. */
function paint(stream: NodeJS.WriteStream, colour: 'green' | 'red', text: string): string {
  return styleText(colour, text, { stream })
}
