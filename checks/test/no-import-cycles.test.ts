import { expect, test } from 'vitest'
import { noImportCycles } from '../src/no-import-cycles.ts'
import { packageJson, plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

test('no file imports itself through others', () => {
  expect(noImportCycles(repository)).toEqual([])
})

test('a cycle is shown as the path that closes it', () => {
  const planted = plantedWorkspace({
    'packages/p/package.json': packageJson('@mortise/p'),
    'packages/p/src/a.ts': `import './b.ts'`,
    'packages/p/src/b.ts': `import { type A, a } from './c.ts'`,
    'packages/p/src/c.ts': `export * from './a.ts'`,
    'packages/p/src/d.ts': `import type { A } from './e.ts'`,
    'packages/p/src/e.ts': `import './d.ts'`,
  })
  expect(noImportCycles(planted)).toEqual([
    'packages/p/src/a.ts → packages/p/src/b.ts → packages/p/src/c.ts → packages/p/src/a.ts',
  ])
})
