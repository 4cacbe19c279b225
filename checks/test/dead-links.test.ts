import { expect, test } from 'vitest'
import { deadLinks } from '../src/dead-links.ts'
import { plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

test('every link of a page leads to a file', () => {
  expect(deadLinks(repository)).toEqual([])
})

test('a link and a picture that lead nowhere are named with their page', () => {
  const planted = plantedWorkspace({
    'README.md':
      '[here](packages/p) [gone](GONE.md#part) ![gone](gone.png)\n```md\n[code](x.md)\n```\n[site](https://x.example)',
    'packages/p/README.md': '[up](../../README.md#top) [below](docs/page)',
    'packages/p/docs/page.md': '[self](#part) [gone](../src/gone.ts)',
    'docs/pages/api/made.md': '[made](made-too.md)',
  })
  expect(deadLinks(planted)).toEqual([
    'README.md: nothing stands at GONE.md#part',
    'README.md: nothing stands at gone.png',
    'packages/p/docs/page.md: nothing stands at ../src/gone.ts',
  ])
})
