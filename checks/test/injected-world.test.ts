import { expect, test } from 'vitest'
import { injectedWorld } from '../src/injected-world.ts'
import { packageJson, plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

test('packages read no environment and write to no console', () => {
  expect(injectedWorld(repository)).toEqual([])
})

test('both are violations outside a CLI and outside a function that says FromEnv', () => {
  const planted = plantedWorkspace({
    'packages/p/package.json': packageJson('@mortise/p'),
    'packages/p/src/index.ts': `console.log(process.env.HOME)`,
    'packages/p/src/cli/main.ts': `console.log(process.env.HOME)`,
    'packages/p/src/options.ts': `// console.log\nexport const optionsFromEnv = () => process.env.A`,
  })
  expect(injectedWorld(planted)).toEqual([
    'packages/p/src/index.ts uses process.env: take it as an option, or read it in a function named …FromEnv',
    'packages/p/src/index.ts uses the console: take a logger as an option',
  ])
})
