// Runs the sources in a context that has the language and a few web globals, nothing of Node; prints what came out.
// Started by the portability test with `--experimental-vm-modules`.
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import vm from 'node:vm'

const WEB_GLOBALS = { URL, Headers, Response, TextDecoder, TextEncoder, DOMException, AbortSignal }
const context = vm.createContext({ ...WEB_GLOBALS })
const modules = new Map<string, vm.SourceTextModule>()

function load(url: string): vm.SourceTextModule {
  const known = modules.get(url)
  if (known) return known
  const source = stripTypeScriptTypes(readFileSync(new URL(url), 'utf8'))
  const module = new vm.SourceTextModule(source, { context, identifier: url })
  modules.set(url, module)
  return module
}

const script = `
  import * as m from './index.ts'
  const thrown = Object.assign(new Error('x', { cause: new TypeError('Failed to fetch') }), { response: undefined })
  const answer = new Response('{"message":"slow"}', { status: 429, headers: { 'retry-after': '2' } })
  globalThis.result = JSON.stringify([
    m.fromUnknown(thrown, { redact: (text) => text }),
    m.fromUnknown(new DOMException('stop', 'AbortError')),
    m.fromUnknown('text'),
    m.fromResponse(answer),
    m.fromResponse({ status: 404, body: new TextEncoder().encode('{"message":"gone"}') }),
    m.parseRetryHint(new Headers({ 'retry-after': 'Sun, 22 Nov 2026 12:00:00 GMT', date: 'Sun, 22 Nov 2026 11:59:59 GMT' })),
    m.deserialize(JSON.stringify(m.serialize(m.errors.rateLimitError('m', 2), { includeStack: false }))),
    m.toLegacy(m.errors.rateLimitError('m', 2)),
    m.toProblem(m.errors.authError('m', { details: { url: new URL('https://u:p@h/?k') } })),
    m.retryDelayMs(m.errors.transientError('m'), { attempt: 1, random: () => 0.5 }),
    m.errors.error('m') instanceof m.PermanentError,
  ])
`
const main = new vm.SourceTextModule(script, {
  context,
  identifier: new URL('../../src/main.ts', import.meta.url).href,
})
await main.link((specifier, { identifier }) => {
  if (!specifier.startsWith('./')) throw new Error(`${identifier} imports ${specifier}`)
  return load(new URL(specifier, identifier).href)
})
await main.evaluate()
process.stdout.write(String((context as { result?: unknown }).result))
