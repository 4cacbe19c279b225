import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    memory: 'src/memory/index.ts',
    s3: 'src/s3/index.ts',
    local: 'src/local/index.ts',
    testing: 'src/testing/index.ts',
    'cli/mortise-segments': 'src/cli/mortise-segments.ts',
  },
  format: ['esm'],
  target: 'node22',
  dts: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
})
