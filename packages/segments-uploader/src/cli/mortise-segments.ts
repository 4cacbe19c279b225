#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { main } from './main.ts'

const manifest = new URL('../../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
const { stdin, stdout, stderr, env } = process

// Whoever reads may have read enough, as `head` has. Output that is lost otherwise is a failure.
let outputLost = false
stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE' || outputLost) return
  outputLost = true
  process.exitCode ||= 1
  stderr.write(`mortise-segments: the output could not be written: ${message}\n`)
})
stderr.on('error', () => {})

/** The first Ctrl-C asks to come to an end, the second one is the end. */
const interruption = () => {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  return controller.signal
}
const streams = { stdin, stdout, stderr, env, interruption }
const code = await main(process.argv.slice(2), { ...streams, version })
process.exitCode ||= code
