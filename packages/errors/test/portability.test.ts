import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const sources = new URL('../src/', import.meta.url)
const files = readdirSync(sources).map((name) => fileURLToPath(new URL(name, sources)))

test('the sources import nothing but each other', () => {
  const imported = files.flatMap((file) =>
    ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName),
  )
  expect(imported.length).toBeGreaterThan(20)
  expect(imported.filter((specifier) => !/^\.\/[a-z-]+\.ts$/.test(specifier))).toEqual([])
})

const slow = { timeout: 60_000 }

test('the sources compile where there is no Node, only a web worker', slow, () => {
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.webworker.d.ts'],
    types: [],
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
  })
  const complaints = ts.getPreEmitDiagnostics(program).map(({ messageText, file }) => {
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  expect(complaints).toEqual([])
})

test('everything runs in a context that has nothing of Node', slow, () => {
  const script = fileURLToPath(new URL('./support/bare-context.ts', import.meta.url))
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  const output = execFileSync(process.execPath, [...flags, script], { encoding: 'utf8' })
  const [wrapped, abort, text, limited, gone, hint, revived, legacy, problem, delay, branded] =
    JSON.parse(output)
  expect([wrapped.code, abort.code, text.message]).toEqual(['NETWORK', 'ABORTED', 'text'])
  expect([limited.retryAfterMs, hint.delayMs, revived.retryAfterMs]).toEqual([2000, 1000, 2000])
  expect(gone.message).toBe('HTTP 404 Not Found: gone')
  expect(legacy).toEqual({ name: 'RateLimitError', message: '{"message":"m","remaining":2}' })
  expect([problem.status, delay, branded]).toEqual([401, 250, true])
})
