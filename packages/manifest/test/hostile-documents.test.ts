// Documents that are made to take time. Each once took minutes, or for ever.
import { fixManifest, parseManifest } from '@mortise/manifest'
import { expect, it } from 'vitest'
import { changed } from './sample-documents.ts'

const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i))
// biome-ignore lint/suspicious/noExplicitAny: documents of no particular shape
const agendor = (change: (document: any) => void) => changed('agendor', change)
const withPattern = (pattern: string) =>
  agendor((document) => {
    document.authentication.fields[0].pattern = pattern
  })
const environments = (properties: object) =>
  agendor((document) => {
    for (const index of many(10_000, (i) => i))
      document.api_base_uri[`e${index}`] = { uri: 'https://x.com', label: '', ...properties }
  })

it.each([
  ['an open comment at the very end', '{"a":1} /*'],
  ['nothing but an open comment', '/*'],
  ['many of them', '/*'.repeat(10_000)],
  ['a pattern that repeats nothing', withPattern('(?:){1000000000}')],
  ['a pattern that repeats never', withPattern('(a{0}){1000000000}')],
  ['a pattern of nested repetitions', withPattern('(((((){900}){900}){900}){900}){900}')],
  ['a pattern of a megabyte', withPattern('a'.repeat(900_000))],
  [
    'names as long as the document',
    agendor((document) => {
      document.authentication.fields[0].name = 'a'.repeat(300_000)
      document.api_base_uri.production.uri = `https://x.com/{${'b'.repeat(300_000)}}`
    }),
  ],
  [
    'thousands of placeholders near to thousands of names',
    agendor((document) => {
      document.authentication.fields = many(3000, (i) => ({
        name: `abcdefghij${i}`,
        label: 'x',
        type: 'text',
        mapping: `X-${i}`,
      }))
      document.api_base_uri.production.uri = `https://x.com/${many(20_000, (i) => `{kbcdefghzj${i}}`).join('')}`
    }),
  ],
  ['thousands of misspelt properties', environments({ defalt: true })],
  ['thousands of needless properties', environments({ default: false })],
  ['thousands of comments and repeated keys', `{${'"a":1,/**/'.repeat(20_000)}}`],
])('%s takes no time', { timeout: 20_000 }, (_what, text) => {
  const started = performance.now()
  expect(parseManifest(text).diagnostics.length).toBeGreaterThan(0)
  expect(parseManifest(text, { dialect: 'legacy' }).diagnostics.length).toBeGreaterThan(0)
  expect(performance.now() - started).toBeLessThan(8000)
  fixManifest(text)
})
