import { defineConfig } from 'vitest/config'
import { projectFolders } from './scripts/vitest/project-folders.ts'

// Packages resolve each other's TypeScript sources, so tests need no build.
const conditions = ['@mortise/source']

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
    projects: [...projectFolders()].map(([name, folder]) => ({
      test: { name, include: [`${folder}/test/**/*.test.ts`] },
    })),
  },
})
