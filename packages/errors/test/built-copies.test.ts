import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as source from '../src/index.ts'

// Two applications' worth of `node_modules`: the same build, installed twice.

type Package = typeof source
let folder: string
let one: Package
let two: Package

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mortise-errors-'))
  const tsup = createRequire(import.meta.url).resolve('tsup/dist/cli-default.js')
  const root = fileURLToPath(new URL('..', import.meta.url))
  execFileSync(process.execPath, [tsup, '--no-dts', '--out-dir', folder], { cwd: root })
  copyFileSync(join(folder, 'index.js'), join(folder, 'one.mjs'))
  copyFileSync(join(folder, 'index.js'), join(folder, 'two.mjs'))
  one = await import(pathToFileURL(join(folder, 'one.mjs')).href)
  two = await import(pathToFileURL(join(folder, 'two.mjs')).href)
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true }))

describe('two installed copies', () => {
  test('are two, and have every export of the sources', () => {
    expect(one.AuthError).not.toBe(two.AuthError)
    expect(new Set(Object.keys(one))).toEqual(new Set(Object.keys(source)))
  })

  test.each(['AuthError', 'PermanentError', 'RateLimitError', 'TransientError'] as const)(
    'instanceof %s holds across them and the sources',
    (name) => {
      const error = new one[name]('x')
      for (const copy of [one, two, source]) {
        expect(error instanceof copy[name]).toBe(true)
        expect(error instanceof copy.IntegrationError).toBe(true)
        expect(copy.isIntegrationError(error)).toBe(true)
        expect(copy.fromUnknown(error)).toBe(error)
      }
      expect(error instanceof two[name === 'AuthError' ? 'PermanentError' : 'AuthError']).toBe(
        false,
      )
    },
  )

  test('a subclass made with one is not every error of the other', () => {
    class Mine extends one.PermanentError {}
    expect(new two.PermanentError('x') instanceof Mine).toBe(false)
    expect(new Mine('x') instanceof two.PermanentError).toBe(true)
  })

  test('one reads what the other wrote', () => {
    const error = two.deserialize(JSON.stringify(new one.RateLimitError('m', { retryAfterMs: 5 })))
    expect(error).toBeInstanceOf(source.RateLimitError)
    expect(error.retryAfterMs).toBe(5)
  })
})
