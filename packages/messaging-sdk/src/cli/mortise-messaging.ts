#!/usr/bin/env node
import { EXIT } from './cli-io.ts'
import { runCli } from './run-cli.ts'

const { stdout, stderr } = process
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => stop.abort())
}
/** A reader that has enough, as `head` has; a terminal that is closed. What was opened is still closed. */
const GONE = ['EPIPE', 'EIO']
let isLost = false
stdout.on('error', ({ code = '', message }: NodeJS.ErrnoException) => {
  stop.abort()
  if (GONE.includes(code) || isLost) return
  isLost = true
  process.exitCode = EXIT.problem
  stderr.write(`mortise-messaging: what was to be told could not be written: ${message}\n`)
})
// There is nobody left to tell; the exit code still does.
stderr.on('error', () => stop.abort())
const code = await runCli(process.argv.slice(2), {
  out: (line) => stdout.write(`${line}\n`),
  error: (line) => stderr.write(`${line}\n`),
  signal: stop.signal,
})
process.exitCode = isLost ? code || EXIT.problem : code
