#!/usr/bin/env node
import { createRequire } from 'node:module'
import { EXIT, run } from './run.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
const interrupt = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupt.abort(new Error(`${name} received`)))
}
const { stdout, stderr } = process
let reportLost = false
// Whoever read the reports, as `head` does, has enough of them; any other report is missed. The files are wanted all the same.
stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE' || reportLost) return
  reportLost = true
  process.exitCode ||= EXIT.failed
  stderr.write(`mortise-download: the report could not be written: ${message}\n`)
})
// There is nobody left to tell; the exit code still does.
stderr.on('error', () => {})
const code = await run(process.argv.slice(2), {
  stdout,
  stderr,
  signal: interrupt.signal,
  version,
})
process.exitCode = reportLost ? code || EXIT.failed : code
