import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { WorkspacePackage } from '../workspace.ts'
import type { Tool, Tools } from './tools.ts'

const run = promisify(execFile)
const RUN_TIMEOUT_MS = 60_000

/** A project that knows nothing of this repository and installs from the local registry. */
export interface Consumer {
  cwd: string
  install: (...specs: string[]) => Promise<void>
  /** Runs a file with a Node of the given version. */
  execute: (file: string, node: Tool) => Promise<string>
}

/** An empty project whose `@mortise` packages come from the given registry. */
export async function createConsumer(folder: string, registry: string): Promise<Consumer> {
  const cwd = await mkdtemp(join(folder, 'consumer-'))
  await writeFile(join(cwd, 'package.json'), '{ "private": true, "type": "module" }')
  await writeFile(join(cwd, '.npmrc'), `@mortise:registry=${registry}\n`)
  return {
    cwd,
    install: async (...specs) => {
      const flags = [
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        '--prefer-offline',
        '--omit=peer',
      ]
      await run('npm', ['install', ...flags, ...specs], { cwd })
    },
    execute: async (file, node) => {
      const { stdout } = await run(node.path, [file], { cwd, timeout: RUN_TIMEOUT_MS })
      return stdout
    },
  }
}

/** Installs one package alone, runs its quick start on every Node, loads it both ways, checks its types. */
export async function tryPackage(
  subject: WorkspacePackage,
  consumer: Consumer,
  tools: Tools,
): Promise<void> {
  await consumer.install(subject.name, '@types/node@22')
  await copyFile(
    join(subject.folder, 'examples', 'quick-start.ts'),
    join(consumer.cwd, 'quick-start.ts'),
  )
  await writeFile(join(consumer.cwd, 'load.cjs'), `require('${subject.name}')\n`)
  for (const node of tools.nodes) {
    await consumer.execute('quick-start.ts', node)
    await consumer.execute('load.cjs', node)
  }
  for (const typescript of tools.typescripts) await checkTypes(consumer.cwd, typescript)
}

/** Strict, and with declarations of dependencies checked too: what we publish must stand on its own. */
async function checkTypes(cwd: string, typescript: Tool): Promise<void> {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  }
  await writeFile(
    join(cwd, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['quick-start.ts'] }),
  )
  await run(typescript.path, ['-p', '.'], { cwd }).catch((error: { stdout?: string }) => {
    throw new Error(`TypeScript ${typescript.version} refuses the types:\n${error.stdout}`)
  })
}
