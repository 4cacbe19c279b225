#!/usr/bin/env node
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runCli } from './run-cli.ts'

process.exitCode = await runCli(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  readFile: (path) => readFile(path === '-' ? 0 : path, 'utf8'),
  writeFile: (path, text) => writeFile(path, text),
  importModule: (path) => import(pathToFileURL(resolve(path)).href),
  isColorful: process.stdout.isTTY === true && !process.env.NO_COLOR,
})
