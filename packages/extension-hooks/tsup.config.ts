import { defineConfig } from 'tsup'

/** Every door and program, by where it goes. */
const entry = {
  index: 'src/index.ts',
  'http/index': 'src/http/index.ts',
  'lambda/index': 'src/lambda/index.ts',
  'compat/index': 'src/compat/index.ts',
  'worker/index': 'src/worker/index.ts',
  'worker/entry': 'src/worker/entry.ts',
  'cli/main': 'src/cli/main.ts',
  'opentelemetry/index': 'src/opentelemetry/index.ts',
  'testing/index': 'src/testing/index.ts',
  'testing/contract-extension': 'src/testing/contract-extension.ts',
}

export default defineConfig({
  entry: { ...entry, index: 'src/internal.ts' },
  format: ['esm'],
  target: 'node22',
  dts: { entry },
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
  // One file holds the host and each door adds one: a cold start pays for every file it opens and every byte it
  // parses, and the host's context must exist once. The little that is used of the errors comes along: they are
  // recognised by their brand, so it does not matter whose copy made one.
  splitting: false,
  noExternal: ['@mortise/errors'],
  esbuildOptions: (options) => {
    options.minifyWhitespace = true
    // Node.js prints the whole line that an uncaught error comes from.
    options.lineLimit = 160
    options.minifySyntax = true
  },
  esbuildPlugins: [
    {
      name: 'one-shared-file',
      setup: (build) => {
        build.onResolve({ filter: /^\.\.?\/[^/]+\.ts$/ }, ({ path, importer }) => {
          const inDoor = /[\\/]src[\\/][^\\/]+[\\/]/.test(importer)
          if (path.startsWith('../') && inDoor) return { path: '../index.js', external: true }
          return undefined
        })
      },
    },
  ],
})
