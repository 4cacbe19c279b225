import { expect, test } from 'vitest'
import { missingDocstrings } from '../src/docstrings.ts'
import { packageJson, plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

test('every public export has a docstring', { timeout: 300_000 }, () => {
  expect(missingDocstrings(repository)).toEqual([])
})

test('an export without one is named with its door', () => {
  const planted = plantedWorkspace({
    'packages/p/package.json': packageJson('@mortise/p'),
    'packages/p/src/index.ts': `export { silent } from './other.ts'\n/** Says something. */\nexport const loud = 1`,
    'packages/p/src/other.ts': `export const silent = 1`,
  })
  expect(missingDocstrings(planted)).toEqual(['silent of packages/p/src/index.ts has no docstring'])
})
