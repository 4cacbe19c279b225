import { expect, test } from 'vitest'
import { notPublishable } from '../src/publishable.ts'
import { plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

test('the packages, and nothing else, are ready to be published', () => {
  expect(notPublishable(repository)).toEqual([])
})

test('what would be published wrong, or by mistake, is told', () => {
  const planted = plantedWorkspace({
    'apps/demo/package.json': '{ "name": "demo" }',
    'docs/package.json': '{ "name": "docs", "private": true }',
    'packages/p/package.json': JSON.stringify({
      name: '@mortise/q',
      private: true,
      exports: { '.': {}, './s3': {} },
      publishConfig: { exports: { '.': { '@mortise/source': './src/index.ts' } } },
    }),
  })
  expect(notPublishable(planted)).toEqual([
    'apps/demo/package.json: must be private',
    'packages/p/package.json: must not be private',
    'packages/p/package.json: must be named after packages/p',
    'packages/p/package.json: must name its licence',
    'packages/p/package.json: repository.directory must be packages/p',
    'packages/p/package.json: publishConfig.access must be public',
    'packages/p/package.json: publishConfig.exports must have the doors of exports: . ./s3',
    'packages/p/package.json: publishConfig.exports must not name sources',
  ])
})
