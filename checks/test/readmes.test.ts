import { execFile } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { compileBlocks, firstBlocks, readmeBlocks } from '../src/readmes.ts'
import { packageJson, plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

const run = promisify(execFile)
const RUN_TIMEOUT_MS = 60_000
const COMPILE_TIMEOUT_MS = 300_000

test('every TypeScript block of every README and package page compiles', {
  timeout: COMPILE_TIMEOUT_MS,
}, () => {
  expect(compileBlocks(readmeBlocks(repository), repository)).toEqual([])
})

test('the first block of a package README is its quick start', () => {
  expect(firstBlocks(repository)).toEqual([])
})

describe('the quick start runs', () => {
  const examples = repository.packages
    .map(({ name, folder }) => ({ name, path: join(folder, 'examples', 'quick-start.ts') }))
    .filter(({ path }) => existsSync(path))
  test.each(examples)('of $name', { timeout: RUN_TIMEOUT_MS }, async ({ path }) => {
    await run(process.execPath, ['--conditions=@mortise/source', path], { timeout: RUN_TIMEOUT_MS })
  })
})

test('a block that does not compile and a first block that is another are violations', () => {
  const planted = plantedWorkspace({
    'packages/p/package.json': packageJson('@mortise/p'),
    'packages/p/README.md': '```ts\nconst count: number = "one"\n```\n',
    'packages/p/docs/page.md': 'Text.\n\n```ts\nconst count: string = 1\n```\n',
    'packages/p/examples/quick-start.ts': 'const count = 1\n',
  })
  copyFileSync(
    join(repository.root, 'tsconfig.base.json'),
    join(planted.root, 'tsconfig.base.json'),
  )
  expect(compileBlocks(readmeBlocks(planted), planted)).toEqual([
    expect.stringContaining("packages/p/docs/page.md#1: Type 'number' is not assignable"),
    expect.stringContaining("packages/p/README.md#1: Type 'string' is not assignable"),
  ])
  expect(firstBlocks(planted)).toEqual([
    '@mortise/p: the first block of README.md is not examples/quick-start.ts',
  ])
})
