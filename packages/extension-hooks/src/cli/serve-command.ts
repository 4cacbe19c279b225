import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import type { CallReport } from '../call-report.ts'
import { containUncaughtErrors } from '../contain-uncaught-errors.ts'
import { createHookHost, type HookHost } from '../hook-host.ts'
import { startHookServer } from '../http/hook-server.ts'
import { captureCalls, createCaptureFile } from './capture.ts'
import { asUsage, type CliIo, paint, UsageError } from './cli-io.ts'
import { loadModule } from './load-module.ts'
import { restartOnChange, tellLoadedFiles } from './restart-on-change.ts'

/** The environment variable the platform's documentation names. */
const TOKEN_VARIABLE = 'INTEGRATOR_EXTENSION_SYSTEM_TOKEN'
const PORT = 8080
const MAX_CAPTURES = 1_000

/** `mortise-hooks dev <module>` and `record <module> --output <file>`: a server on this machine. */
export async function serveCommand(
  command: 'dev' | 'record',
  args: string[],
  io: CliIo,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: 'string', default: String(PORT) },
      hostname: { type: 'string' },
      'token-variable': { type: 'string', default: TOKEN_VARIABLE },
      'no-watch': { type: 'boolean', default: false },
      output: { type: 'string' },
      max: { type: 'string', default: String(MAX_CAPTURES) },
      redact: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  })
  const token = io.env[values['token-variable']] ?? randomBytes(24).toString('hex')
  if (command === 'dev' && !values['no-watch']) {
    const variable = values['token-variable']
    io.write(`token ${io.env[variable] === undefined ? token : `from ${variable}`}\n`)
    return restartOnChange(
      {
        entry: positionals[0] ?? '',
        args: [process.argv[1] ?? '', 'dev', '--no-watch', ...args],
        env: { ...process.env, [variable]: token },
      },
      io,
    )
  }

  tellLoadedFiles(io)
  const release = containUncaughtErrors()
  const { extension } = await loadModule(positionals[0])
  const port = toNumber('port', values.port)
  let host = createHookHost(extension, {
    onCall: (report) =>
      io.write(values.json ? `${JSON.stringify(report)}\n` : describe(report, io)),
  })
  if (command === 'record')
    host = await record(
      host,
      values.output,
      { max: toNumber('max', values.max), redact: values.redact },
      io,
    )
  const { hostname } = values
  const server = await asUsage(() =>
    startHookServer(host, { tokens: token, port, hostname, serverTiming: true }),
  )
  const generated = io.env[values['token-variable']] === undefined
  io.write(`${paint(io, 'green', 'ready')} POST ${server.url}/function\n`)
  if (generated)
    io.write(
      `token ${token} (made for this run; set ${values['token-variable']} to choose your own)\n`,
    )
  if (!io.signal.aborted) await once(io.signal, 'abort')
  await server.close({ deadlineMs: 5_000 })
  release()
  return 0
}

async function record(
  host: HookHost,
  file: string | undefined,
  options: { max: number; redact: string[] },
  io: CliIo,
): Promise<HookHost> {
  if (file === undefined)
    throw new UsageError(
      'record writes records of your customers to a file: name it with --output.',
    )
  try {
    await createCaptureFile(file)
  } catch (error) {
    throw new UsageError(
      `${file} cannot be made: ${(error as Error).message}. Recording never overwrites a file.`,
    )
  }
  return captureCalls(host, {
    file,
    max: options.max,
    redact: new Set(options.redact.map((name) => name.toLowerCase())),
    onError: (error) =>
      io.warn(`${paint(io, 'red', 'not recorded')} ${(error as Error).message}\n`),
  })
}

function describe(report: CallReport, io: CliIo): string {
  const { status, code, kind, records, runMs } = report
  const what = [kind ?? report.type, JSON.stringify(report.function ?? '')]
    .filter(Boolean)
    .join(' ')
  const counts =
    records === undefined
      ? ''
      : ` ${records.in} in, ${records.kept} kept, ${records.skipped} skipped, ${records.failed} failed`
  const verdict = status === 200 ? paint(io, 'green', '200') : paint(io, 'red', `${status} ${code}`)
  return `${verdict} ${what} ${paint(io, 'dim', `${runMs.toFixed(1)} ms`)}${counts}\n`
}

function toNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0)
    throw new UsageError(`--${name} takes a whole number; received ${text}`)
  return number
}
