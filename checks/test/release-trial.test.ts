import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createConsumer } from '../src/release/consumer.ts'
import { run } from '../src/release/run.ts'
import { aloneFiles, type Trial, tryProject } from '../src/release/trial.ts'
import { plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

const TIMEOUT_MS = 180_000
const node = { version: 'here', path: process.execPath }
const typescript = {
  version: 'here',
  path: join(repository.root, 'checks', 'node_modules', '.bin', 'tsc'),
}

const HEALTHY = {
  'dist/index.js': `export { hello } from './hello.js'`,
  'dist/index.d.ts': `export { hello } from './hello.js'`,
  'dist/hello.js': `export const hello = () => 'hello'`,
  'dist/hello.d.ts': `export declare const hello: () => string`,
  'dist/main.js': `console.log('1.2.3')`,
  'src/index.ts': `export const hello = () => 'hello'`,
  'examples/quick-start.ts': `import { hello } from '@mortise/planted'\nconsole.log(await Promise.resolve(hello()))\n`,
}

function manifestWith(changes: object): string {
  return JSON.stringify({
    name: '@mortise/planted',
    version: '1.2.3',
    type: 'module',
    files: ['dist'],
    bin: { planted: './dist/main.js' },
    exports: {
      '.': {
        '@mortise/source': './src/index.ts',
        types: './dist/index.d.ts',
        default: './dist/index.js',
      },
    },
    ...changes,
  })
}

/** Packs a package made of these files, and tries it as a released one. */
async function tried(files: Record<string, string>, manifest: object = {}): Promise<Trial> {
  const all = { ...HEALTHY, ...files, 'package.json': manifestWith(manifest) }
  const entries = Object.entries(all).map(([path, text]) => [`packages/planted/${path}`, text])
  const [subject] = plantedWorkspace(Object.fromEntries(entries)).packages
  if (!subject) throw new Error('nothing was planted')
  const folder = await mkdtemp(join(tmpdir(), 'mortise-trial-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: subject.folder })
  const consumer = await createConsumer(folder)
  const install = () =>
    consumer.install(
      join(folder, 'mortise-planted-1.2.3.tgz'),
      join(repository.root, 'node_modules', '@types', 'node'),
    )
  const programs = await aloneFiles(subject, consumer)
  return tryProject({ name: 'planted', consumer, install, programs }, [node], [typescript])
}

function failuresOf({ steps }: Trial): Record<string, string> {
  return Object.fromEntries(
    steps.flatMap(({ name, failure }) => (failure === undefined ? [] : [[name, failure]])),
  )
}

test('a package that holds what it promises passes every step', {
  timeout: TIMEOUT_MS,
}, async () => {
  const trial = await tried({})
  expect(failuresOf(trial)).toEqual({})
  expect(trial.steps.map(({ name }) => name)).toEqual(['install', 'node here', 'types here'])
})

test('a file that `files` leaves out fails at run time and in the types', {
  timeout: TIMEOUT_MS,
}, async () => {
  const trial = await tried({}, { files: ['dist/index.*', 'dist/main.js'] })
  expect(failuresOf(trial)).toEqual({
    'node here': expect.stringContaining('ERR_MODULE_NOT_FOUND'),
    'types here': expect.stringContaining("Cannot find module './hello.js'"),
  })
})

test('an export that names another file fails', { timeout: TIMEOUT_MS }, async () => {
  const door = { types: './dist/index.d.ts', default: './dist/idnex.js' }
  expect(failuresOf(await tried({}, { exports: { '.': door } }))).toEqual({
    'node here': expect.stringContaining('idnex.js'),
  })
})

test('a dependency that is not declared fails', { timeout: TIMEOUT_MS }, async () => {
  const files = {
    'dist/hello.js': `import pad from 'left-pad'\nexport const hello = () => pad('hello', 9)`,
    'dist/hello.d.ts': `import type { Pad } from 'left-pad'\nexport declare const hello: Pad`,
  }
  expect(failuresOf(await tried(files))).toEqual({
    'node here': expect.stringContaining("Cannot find package 'left-pad'"),
    'types here': expect.stringContaining("Cannot find module 'left-pad'"),
  })
})

test('a module that `require` cannot load fails', { timeout: TIMEOUT_MS }, async () => {
  const files = { 'dist/hello.js': `export const hello = await Promise.resolve(() => 'hello')` }
  expect(failuresOf(await tried(files))).toEqual({
    'node here': expect.stringContaining('ERR_REQUIRE_ASYNC_MODULE'),
  })
})

test('a command that tells another version fails', { timeout: TIMEOUT_MS }, async () => {
  expect(failuresOf(await tried({ 'dist/main.js': `console.log('0.0.0')` }))).toEqual({
    'node here': expect.stringContaining('printed 0.0.0, not 1.2.3'),
  })
})
