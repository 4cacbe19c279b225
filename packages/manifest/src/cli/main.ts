#!/usr/bin/env node
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { runCli } from './run-cli.ts'

// A reader such as `head` that has seen enough is no failure; a full disk is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  process.stderr.write(`mortise-manifest: Cannot write the output (${error.code}).\n`)
  process.exit(1)
})
process.stderr.on('error', () => undefined)

process.exitCode = await runCli(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  readFile: (path) => (path === '-' ? readStandardInput() : readFile(path, 'utf8')),
  writeFile: (path, content) => writeFile(path, content),
  importModule: (path) => import(pathToFileURL(resolve(path)).href),
  isColorful: process.stdout.isTTY === true && !process.env.NO_COLOR,
})

function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Reading the standard input; end it with Ctrl+D.\n')
  return text(process.stdin)
}
