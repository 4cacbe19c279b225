#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { CliIo } from './cli-io.ts'
import { runCli } from './run-cli.ts'

const controller = new AbortController()
// A server ends its calls first; every other command simply ends.
if (['dev', 'record'].includes(process.argv[2] ?? ''))
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => controller.abort())
// Whoever reads may have read enough: `mortise-hooks replay … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  controller.abort()
})

const io: CliIo = {
  write: (line) => process.stdout.write(line),
  warn: (line) => process.stderr.write(line),
  readInput: () => text(process.stdin),
  env: process.env,
  colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  signal: controller.signal,
}
const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }
process.exitCode = await runCli(process.argv.slice(2), io, version)
