import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
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
  },
  format: ['esm'],
  target: 'node22',
  dts: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
  // A cold start pays for every file it opens and every byte it parses. So each door is one small file that needs no
  // other, named so that Node.js need not look up what it holds. What doors must agree on, they find in the global
  // symbol registry. The little that is used of the errors comes along: they are recognised by their brand, so it
  // does not matter whose copy made one.
  splitting: false,
  noExternal: ['@mortise/errors'],
  outExtension: () => ({ js: '.mjs', dts: '.d.ts' }),
  minify: true,
  esbuildOptions: (options) => {
    // Node.js prints the whole line that an uncaught error comes from.
    options.lineLimit = 160
    // What it would add to every door is the same sources again.
    options.sourcesContent = false
  },
})
