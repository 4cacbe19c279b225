import { expect, test } from 'vitest'
import { whoMayImportWhom } from '../src/who-may-import-whom.ts'
import { packageJson, plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

test('packages import errors and nothing else of ours', () => {
  expect(whoMayImportWhom(repository)).toEqual([])
})

test('an edge between two packages is a violation', () => {
  const planted = plantedWorkspace({
    'packages/manifest/package.json': packageJson('@mortise/manifest', undefined, {
      dependencies: { '@mortise/files-local': '*' },
    }),
    'packages/manifest/src/index.ts': `export { x } from '@mortise/files-local'`,
  })
  expect(whoMayImportWhom(planted)).toEqual([
    expect.stringContaining('@mortise/files-local: the graph is a star'),
  ])
})

test('an undeclared, a forbidden and a reaching import are violations', () => {
  const planted = plantedWorkspace({
    'packages/extension-hooks/package.json': packageJson('@mortise/extension-hooks', undefined, {
      dependencies: { zod: '*' },
    }),
    'packages/extension-hooks/src/index.ts': `import 'left-pad'; import 'zod'; import '../../errors/src/a.ts'`,
    'packages/errors/package.json': packageJson('@mortise/errors'),
    'packages/errors/src/index.ts': `import 'node:fs'`,
  })
  expect(whoMayImportWhom(planted)).toEqual([
    expect.stringContaining('no Node API'),
    expect.stringContaining('left-pad: not declared'),
    expect.stringContaining('zod: this package must never import it'),
    expect.stringContaining('outside its package'),
  ])
})
