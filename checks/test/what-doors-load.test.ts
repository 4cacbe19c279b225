import { expect, test } from 'vitest'
import { thirdPartiesOf, whatDoorsLoad } from '../src/what-doors-load.ts'
import { packageJson, plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

test('light doors load no SDK, test kits load no runner', () => {
  expect(whatDoorsLoad(repository)).toEqual([])
})

test('an SDK or another door behind `.`, and a runner behind `/testing`, are violations', () => {
  const planted = plantedWorkspace({
    'packages/p/package.json': packageJson(
      '@mortise/p',
      { '.': './src/index.ts', './s3': './src/s3/index.ts', './testing': './src/testing.ts' },
      { peerDependencies: { sdk: '*' }, peerDependenciesMeta: { sdk: { optional: true } } },
    ),
    'packages/p/src/index.ts': `export * from './middle.ts'`,
    'packages/p/src/middle.ts': `export { a } from './s3/index.ts'`,
    'packages/p/src/s3/index.ts': `import type { A } from 'sdk/sub'; export const a = 1`,
    'packages/p/src/testing.ts': `import { expect } from 'vitest'`,
  })
  expect(whatDoorsLoad(planted)).toEqual([
    '@mortise/p loads sdk through packages/p/src/s3/index.ts',
    '@mortise/p loads its own door ./s3',
    '@mortise/p/testing loads vitest through packages/p/src/testing.ts',
  ])
  expect(thirdPartiesOf(planted.packages[0]?.doors[1]?.file ?? '')).toEqual(['sdk'])
})
