import { expect, test } from 'vitest'
import { unsafeWorkflows } from '../src/workflows.ts'
import { plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

const ONE = '1'.repeat(40)
const TWO = '2'.repeat(40)

test('workflows pin their actions, list their rights and end', () => {
  expect(unsafeWorkflows(repository)).toEqual([])
})

test('a tag, two pins of one action, unlisted rights and an endless job are violations', () => {
  const planted = plantedWorkspace({
    '.github/workflows/a.yml': `
permissions: {}
concurrency: one
jobs:
  good:
    timeout-minutes: 1
    steps:
      - uses: owner/action/part@${ONE} # v1.2.3
      - uses: ./.github/actions/own
  endless:
    steps:
      - uses: owner/action@${TWO} # v1.2.3
      - id: x
        uses: other/action@v4
`,
    '.github/workflows/b.yml': `
jobs:
  job:
    timeout-minutes: 1
    steps:
      - uses: actions/checkout@${ONE} # v7.0.1
`,
  })
  expect(unsafeWorkflows(planted)).toEqual([
    '.github/workflows/a.yml: owner/action is pinned to another commit elsewhere',
    '.github/workflows/a.yml: other/action is not pinned to a commit',
    '.github/workflows/a.yml: other/action does not say its version',
    '.github/workflows/a.yml: endless has no limit of time',
    '.github/workflows/b.yml: permissions are not listed',
    '.github/workflows/b.yml: concurrency is not said',
    '.github/workflows/b.yml: a checkout keeps its credentials',
  ])
})
