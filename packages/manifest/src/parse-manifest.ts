import type { AppManifest } from './app-manifest.ts'
import type { Diagnostic, Finding } from './diagnostic.ts'
import { appManifestJsonSchema } from './json-schema.ts'
import { readJsonSource } from './json-source.ts'
import { findRuleViolations } from './rules/index.ts'
import { checkSchema } from './schema-check.ts'

/** How to read a document. */
export interface ParseManifestOptions {
  /**
   * `strict`: exactly the documented grammar. `legacy`: also what existing apps hold (comments, old
   * names, unknown properties), with warnings, upgraded in the answer. Default `strict`.
   */
  dialect?: 'strict' | 'legacy'
  /** Languages every description needs. Default {@link DEFAULT_LOCALES}. */
  locales?: readonly string[]
}

/** What a document holds and everything there is to say about it. */
export type ParsedManifest =
  | { ok: true; manifest: AppManifest; diagnostics: Diagnostic[] }
  | { ok: false; manifest: undefined; diagnostics: Diagnostic[] }

/** The languages of the documented example. */
export const DEFAULT_LOCALES = ['pt_BR', 'en'] as const

/**
 * Reads an `app.json`. Answers every diagnostic, in the order of the text, and the manifest when none
 * of them is an error. No text makes it throw.
 *
 * @throws {TypeError} when `text` is not a string or an option is unknown: the caller's mistake.
 */
export function parseManifest(text: string, options: ParseManifestOptions = {}): ParsedManifest {
  const { dialect = 'strict', locales = DEFAULT_LOCALES } = options
  if (typeof text !== 'string')
    throw new TypeError(
      `parseManifest needs the text of the document, but received ${typeof text}.`,
    )
  if (dialect !== 'strict' && dialect !== 'legacy')
    throw new TypeError(
      `parseManifest: dialect is "strict" or "legacy", but received ${String(dialect)}.`,
    )
  const source = readJsonSource(text)
  const findings: Finding[] = [...source.findings]
  if (source.value !== undefined) {
    findings.push(...checkSchema(appManifestJsonSchema, source.value))
    findings.push(...findRuleViolations(source.value, { dialect, locales }))
  }
  if (findings.length === 0)
    return { ok: true, manifest: source.value as AppManifest, diagnostics: [] }
  const diagnostics = findings.map(source.locate).sort((a, b) => a.offset - b.offset)
  if (diagnostics.some(({ severity }) => severity === 'error'))
    return { ok: false, manifest: undefined, diagnostics }
  return { ok: true, manifest: source.value as AppManifest, diagnostics }
}
