#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { main } from './main.ts'

const manifest = new URL('../../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
const { stdin, stdout, stderr, env } = process
/** The first Ctrl-C asks to come to an end, the second one is the end. */
const interruption = () => {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  return controller.signal
}
const streams = { stdin, stdout, stderr, env, interruption }
process.exitCode = await main(process.argv.slice(2), { ...streams, version })
