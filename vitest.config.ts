import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// Packages resolve each other's TypeScript sources, so tests need no build.
const conditions = ['@mortise/source']

const folders = ['packages', 'apps']
  .flatMap((parent) =>
    readdirSync(new URL(`./${parent}`, import.meta.url)).map((name) => `${parent}/${name}`),
  )
  .concat('checks', 'docs')
  .filter((folder) => existsSync(new URL(`./${folder}/package.json`, import.meta.url)))

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // Generous, for machines that are busy with something else: a test that hangs still ends.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['./scripts/vitest/global-setup.ts'],
    reporters: ['default', './scripts/vitest/summary.ts'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      reporter: ['text', 'json-summary', 'lcov'],
    },
    projects: folders.map((folder) => ({
      test: {
        name: folder.split('/').at(-1) ?? folder,
        include: [`${folder}/test/**/*.test.ts`],
      },
    })),
  },
})
