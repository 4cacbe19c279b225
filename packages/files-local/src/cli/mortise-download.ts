#!/usr/bin/env node
import { createRequire } from 'node:module'
import { run } from './run.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
const interrupt = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupt.abort(new Error(`${name} received`)))
}
const { stdout, stderr } = process
// Whoever read the reports, as `head` does, has enough of them; the files are still wanted.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
process.exitCode = await run(process.argv.slice(2), {
  stdout,
  stderr,
  signal: interrupt.signal,
  version,
})
