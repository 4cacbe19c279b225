import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { compileBlocks } from '../../checks/src/readmes.ts'
import { readWorkspace } from '../../checks/src/workspace.ts'
import { codeBlocks } from '../generate/code-blocks.ts'
import { ROOT } from '../generate/published-packages.ts'

const COMPILE_TIMEOUT_MS = 180_000
const docs = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const workspace = { ...readWorkspace(ROOT), root: ROOT.replace(/\/$/, '') }
const inDocs = (blocks: ReturnType<typeof codeBlocks>) =>
  blocks.map((block) => ({ ...block, folder: docs }))

test('every TypeScript block of the pages compiles', { timeout: COMPILE_TIMEOUT_MS }, () => {
  const blocks = codeBlocks(join(docs, 'pages'))
  expect(blocks.length).toBeGreaterThan(30)
  expect(compileBlocks(inDocs(blocks), workspace)).toEqual([])
})

test('a block is found whatever follows the language, and a wrong one is named', {
  timeout: COMPILE_TIMEOUT_MS,
}, () => {
  const pages = pagesWith({
    'guides/wrong.md':
      '# Wrong\n\n```ts [lambda.ts]\nconst count: number = "one"\n```\n\n```js\nnot compiled(\n```\n',
    'api/generated.md': '```ts\nnot(compiled\n```\n',
  })
  const blocks = codeBlocks(pages)
  expect(blocks).toEqual([{ name: 'guides/wrong.md#1', code: 'const count: number = "one"\n' }])
  expect(compileBlocks(inDocs(blocks), workspace)).toEqual([
    expect.stringContaining("guides/wrong.md#1: Type 'string' is not assignable"),
  ])
})

function pagesWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mortise-pages-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
