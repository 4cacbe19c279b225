import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('../src', import.meta.url))

/** Everything outside of this package that a door imports, however indirectly. Types do not count. */
function importsOf(entry: string): string[] {
  const seen = new Set<string>()
  const outside = new Set<string>()
  const visit = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)(?! type)[^'"]*?from '([^']+)'/gms,
    )) {
      if (specifier?.startsWith('.')) visit(resolve(dirname(file), specifier))
      else if (specifier !== undefined) outside.add(specifier)
    }
  }
  visit(resolve(source, entry))
  return [...outside].toSorted((a, b) => (a < b ? -1 : 1))
}

describe('a door imports no more than it needs', () => {
  const core = ['@mortise/errors']

  it.each([
    ['index.ts', core],
    ['http/index.ts', ['node:http']],
    ['lambda/index.ts', []],
    [
      'worker/index.ts',
      ['@mortise/errors', 'node:os', 'node:path', 'node:url', 'node:worker_threads'],
    ],
    ['worker/entry.ts', [...core, 'node:worker_threads']],
    ['compat/index.ts', core],
    ['testing/index.ts', [...core, 'node:assert/strict', 'node:path', 'node:util']],
    ['opentelemetry/index.ts', ['@opentelemetry/api']],
  ])('%s', (entry, allowed) => {
    expect(importsOf(entry)).toEqual(allowed.toSorted((a, b) => (a < b ? -1 : 1)))
  })

  it('and package.json names every door that is built', async () => {
    const { default: config } = (await import('../tsup.config.ts')) as {
      default: { entry: Record<string, string> }
    }
    const manifest = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { exports: Record<string, unknown>; publishConfig: { exports: Record<string, unknown> } }
    const doors = Object.keys(config.entry)
      .filter((name) => name.endsWith('index'))
      .map((name) => (name === 'index' ? '.' : `./${dirname(name)}`))
    expect(Object.keys(manifest.exports)).toEqual(expect.arrayContaining(doors))
    expect(Object.keys(manifest.publishConfig.exports)).toEqual(Object.keys(manifest.exports))
  })
})
