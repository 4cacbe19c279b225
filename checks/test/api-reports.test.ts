import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { apiReports, orderMembers } from '../src/api/api-reports.ts'
import { differences, readReports, writeReports } from '../src/api/committed-reports.ts'
import { plantedWorkspace } from './planted-workspace.ts'
import { repository } from './repository.ts'

const TIMEOUT_MS = 120_000

const MANIFEST = JSON.stringify({
  name: '@mortise/planted',
  publishConfig: {
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './door': { types: './dist/door.d.ts', default: './dist/door.js' },
      './package.json': './package.json',
    },
  },
})

/** A built package of two doors that share a chunk. */
function plant(): string {
  const files = {
    'package.json': MANIFEST,
    'dist/chunk-1.d.ts': `/** What it takes. */\ninterface Options {\n    url: URL;\n}\nexport type { Options as O };`,
    'dist/index.d.ts': `import { O as Options } from './chunk-1.js';\n/** Begins. */\ndeclare function begin(options: Options): void;\nexport { Options, begin };`,
    'dist/door.d.ts': `import { O as Options } from './chunk-1.js';\n/** Ends. */\ndeclare function end(options: Options): Buffer;\nexport { end };`,
  }
  const entries = Object.entries(files).map(([path, text]) => [`packages/planted/${path}`, text])
  return join(plantedWorkspace(Object.fromEntries(entries)).root, 'packages', 'planted')
}

async function rewrite(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

test('each door has a report of what it exports', { timeout: TIMEOUT_MS }, async () => {
  const reports = await apiReports(plant(), repository.root)
  expect([...reports.keys()]).toEqual(['index.api.md', 'door.api.md'])
  expect(reports.get('index.api.md')).toContain('export function begin(options: Options): void;')
  expect(reports.get('index.api.md')).toContain('url: URL;')
  expect(reports.get('door.api.md')).toContain('export function end(options: Options): Buffer;')
})

test('a change of a door shows as its lines until the reports are written', {
  timeout: TIMEOUT_MS,
}, async () => {
  const folder = plant()
  await writeReports(folder, await apiReports(folder, repository.root))
  const chunk = join(folder, 'dist', 'chunk-1.d.ts')
  const shared = await readFile(chunk, 'utf8')
  await rewrite(chunk, shared.replace('url: URL', 'url: string'))

  const current = await apiReports(folder, repository.root)
  expect(differences('planted', await readReports(folder), current)).toEqual([
    { file: 'planted/etc/index.api.md', lines: ['-     url: URL;', '+     url: string;'] },
  ])
  await writeReports(folder, current)
  expect(differences('planted', await readReports(folder), current)).toEqual([])
})

test('the members of an enumeration are in one order, whatever the compiler read first', () => {
  const before = 'z: ZodEnum<{\n    uri: "uri";\n    email: "email";\n}>\n    b: "b";\n'
  const ordered = 'z: ZodEnum<{\n    email: "email";\n    uri: "uri";\n}>\n    b: "b";\n'
  expect(orderMembers(before)).toBe(ordered)
  expect(orderMembers(ordered)).toBe(ordered)
})

test('a line that moved to another type is a change', () => {
  const before = new Map([['index.api.md', 'interface A {\n  x: 1\n}\ninterface B {\n}']])
  const after = new Map([['index.api.md', 'interface A {\n}\ninterface B {\n  x: 1\n}']])
  expect(differences('planted', before, after)).toEqual([
    { file: 'planted/etc/index.api.md', lines: expect.arrayContaining(['-   x: 1', '+   x: 1']) },
  ])
})

test('the report of a door that is gone is deleted', async () => {
  const folder = plant()
  await rewrite(join(folder, 'etc', 'old.api.md'), 'old')
  expect(differences('planted', await readReports(folder), new Map())).toEqual([
    { file: 'planted/etc/old.api.md', lines: ['- old', '+ '] },
  ])
  await writeReports(folder, new Map([['index.api.md', 'new']]))
  expect(await readReports(folder)).toEqual(new Map([['index.api.md', 'new']]))
})
