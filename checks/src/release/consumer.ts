import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'
import type { Tool } from './tools.ts'

const PROGRAM_TIMEOUT_MS = 120_000

/** Strict, and with the declarations of dependencies checked too: what we publish must stand on its own. */
const COMPILER_OPTIONS = {
  module: 'nodenext',
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  noEmit: true,
  skipLibCheck: false,
}

/** A project that knows nothing of this repository. */
export interface Consumer {
  install: (...specs: string[]) => Promise<void>
  write: (name: string, text: string) => Promise<void>
  /** Runs a file, and returns what it printed. */
  execute: (node: Tool, file: string, ...args: string[]) => Promise<string>
  /** Type-checks all `.ts` and `.cts` files. */
  compile: (typescript: Tool) => Promise<void>
}

/** An empty project below `folder`; with a registry, `@mortise` packages come from there. */
export async function createConsumer(
  folder: string,
  registry?: string,
  signal?: AbortSignal,
): Promise<Consumer> {
  const cwd = await mkdtemp(join(folder, 'consumer-'))
  const env = { ...process.env, TMPDIR: cwd }
  const options = { cwd, env, ...(signal && { signal }) }
  const write = (name: string, text: string) => writeFile(join(cwd, name), text)
  await write('package.json', '{ "private": true, "type": "module" }')
  if (registry) await write('.npmrc', `@mortise:registry=${registry}\n`)
  const tsconfig = { compilerOptions: COMPILER_OPTIONS, include: ['*.ts', '*.cts'] }
  await write('tsconfig.json', JSON.stringify(tsconfig))
  return {
    write,
    install: async (...specs) => {
      await run(
        'npm',
        ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...specs],
        options,
      )
    },
    execute: (node, file, ...args) =>
      run(node.path, [file, ...args], { ...options, timeoutMs: PROGRAM_TIMEOUT_MS }),
    compile: async (typescript) => {
      await run(typescript.path, ['-p', '.', '--pretty', 'false'], options)
    },
  }
}
