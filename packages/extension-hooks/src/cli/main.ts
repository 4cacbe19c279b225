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
let outputLost = false
// Whoever reads may have read enough: `mortise-hooks replay … | head`. Output that is lost otherwise is a failure.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  controller.abort()
  if (code === 'EPIPE' || outputLost) return
  outputLost = true
  process.exitCode ||= 1
  process.stderr.write(`mortise-hooks: the output could not be written: ${message}\n`)
})
process.stderr.on('error', () => undefined)

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
const code = await runCli(process.argv.slice(2), io, version)
process.exitCode = outputLost ? code || 1 : code
