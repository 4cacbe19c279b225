import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    s3: 'src/s3/index.ts',
    fs: 'src/fs/index.ts',
    memory: 'src/memory/index.ts',
    adapter: 'src/adapter/index.ts',
    testing: 'src/testing/index.ts',
  },
  format: ['esm'],
  target: 'node22',
  dts: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
})
