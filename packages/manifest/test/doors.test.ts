import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../src/', import.meta.url)

/** What a file and everything behind it loads from outside the package, types apart. */
function thirdParties(path: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>()
  const url = new URL(path, root)
  if (seen.has(url.href)) return found
  seen.add(url.href)
  const source = readFileSync(url, 'utf8')
  for (const [, isType, name = ''] of source.matchAll(
    /^(?:import|export) (type )?[^'"]*?from '([^']+)'/gms,
  )) {
    if (isType) continue
    if (!name.startsWith('.')) found.add(name)
    else if (name.endsWith('.ts'))
      for (const other of thirdParties(new URL(name, url).href.slice(root.href.length), seen))
        found.add(other)
  }
  return found
}

describe('what each door loads', () => {
  it.each<[string, string[]]>([
    ['index.ts', ['@mortise/errors', 'jsonc-parser']],
    ['http/index.ts', ['@mortise/errors']],
    ['ping/index.ts', ['@mortise/errors']],
    ['oauth/index.ts', ['@mortise/errors', 'oauth4webapi']],
    ['meta/index.ts', ['@mortise/errors', 'jsonc-parser']],
    ['openapi/index.ts', ['@mortise/errors']],
    ['zod/index.ts', ['zod']],
    ['testing/index.ts', ['node:assert/strict']],
  ])('%s loads only %j', (door, allowed) => {
    expect([...thirdParties(door)].filter((name) => !allowed.includes(name))).toEqual([])
  })
})

describe('the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

  it('names every code', () => {
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    )
    const codes = new Set(
      sources.flatMap(
        (name) =>
          readFileSync(new URL(name, root), 'utf8').match(/(?<=')MANIFEST_[A-Z_]+(?=')/g) ?? [],
      ),
    )
    expect(codes.size).toBeGreaterThan(50)
    const missing = [...codes].filter((code) => !readme.includes(code.replace('MANIFEST_', '')))
    expect(missing).toEqual([])
  })

  it('stays short', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(150)
  })
})
