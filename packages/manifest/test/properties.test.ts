// What holds for any text: reading never throws, fixing settles, and no answer holds a seeded secret.
import { fixManifest, parseManifest } from '@mortise/manifest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import './seed.ts'
import { changed, documentedText } from './sample-documents.ts'

const examples = ['asana', 'zendesk', 'magento', 'everything'].map(documentedText)
const dialect = fc.constantFrom('strict' as const, 'legacy' as const)

/** A documented example with a piece cut out, doubled or replaced. */
const damaged = fc
  .record({
    text: fc.constantFrom(...examples),
    at: fc.nat(),
    length: fc.nat(40),
    piece: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('//', '/*', '{', '}', '"', ',', '\\', '[', ':', 'null', '\0'),
    ),
  })
  .map(({ text, at, length, piece }) => {
    const start = at % text.length
    return text.slice(0, start) + piece + text.slice(start + length)
  })

describe('for any text', () => {
  it('parseManifest never throws, and is ok exactly when there is no error', () => {
    fc.assert(
      fc.property(
        fc.oneof(damaged, fc.string({ unit: 'binary' }), fc.json()),
        dialect,
        (text, chosen) => {
          const { ok, diagnostics } = parseManifest(text, { dialect: chosen })
          expect(ok).toBe(diagnostics.every(({ severity }) => severity === 'warning'))
          for (const { offset, length, line, column } of diagnostics) {
            expect(offset).toBeGreaterThanOrEqual(0)
            expect(offset + length).toBeLessThanOrEqual(Math.max(1, text.length + 1))
            expect(Math.min(line, column)).toBeGreaterThanOrEqual(1)
          }
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('what is read strict is read the same by the legacy dialect', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const strict = parseManifest(text)
        if (strict.ok)
          expect(parseManifest(text, { dialect: 'legacy' }).manifest).toEqual(strict.manifest)
      }),
    )
  })

  it('fixManifest settles: a second time changes nothing', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const once = fixManifest(text).text
        expect(fixManifest(once).text).toBe(once)
      }),
      { numRuns: 150 },
    )
  })

  it('no diagnostic holds a committed secret', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.constantFrom('client_secret', 'clientSecret', 'client_secrets', 'secret'),
        dialect,
        (secret, name, chosen) => {
          const text = changed('asana', (document) => {
            document.authentication.oauth_access_fields[name] = secret
          })
          expect(
            JSON.stringify(parseManifest(text, { dialect: chosen }).diagnostics),
          ).not.toContain(secret)
        },
      ),
    )
  })

  it('hostile depth and size take no time', { timeout: 30_000 }, () => {
    for (const piece of [
      '[',
      '{"a":',
      '"',
      '/*',
      '\\',
      '{"a":{"a":',
      '"a":1,"a":1,',
      '// "\n[',
      '/* " */{"a":',
    ])
      expect(parseManifest(piece.repeat(900_000 / piece.length)).ok).toBe(false)
  })
})
