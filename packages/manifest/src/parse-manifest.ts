import type { AppManifest } from './app-manifest.ts'
import type { Diagnostic, DocumentPath, Finding } from './diagnostic.ts'
import { appManifestJsonSchema } from './json-schema.ts'
import { locateFindings, readJsonSource } from './json-source.ts'
import { AUTHORIZE_PARAMETERS, remove, upgradeLegacyDocument, valueIn } from './legacy-dialect.ts'
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
  const read = dialect === 'strict' ? readStrict : readLegacy
  const { value, findings } = read(source.value, locales)
  const all = source.findings.concat(findings)
  if (dialect === 'legacy') for (const finding of all) tolerate(finding)
  const diagnostics = locateFindings(source, all)
  if (diagnostics.some(({ severity }) => severity === 'error'))
    return { ok: false, manifest: undefined, diagnostics }
  return { ok: true, manifest: value as AppManifest, diagnostics }
}

interface Reading {
  value: unknown
  findings: Finding[]
}

function readStrict(value: unknown, locales: readonly string[]): Reading {
  if (value === undefined) return { value, findings: [] }
  const findings = checkSchema(appManifestJsonSchema, value).map(pointToQueryString)
  return {
    value,
    findings: findings.concat(findRuleViolations(value, { dialect: 'strict', locales })),
  }
}

function readLegacy(original: unknown, locales: readonly string[]): Reading {
  if (original === undefined) return { value: original, findings: [] }
  const { value, findings } = upgradeLegacyDocument(original)
  const remaining = checkSchema(appManifestJsonSchema, value)
  for (const { code, path } of remaining) {
    if (code === 'MANIFEST_PROPERTY_UNKNOWN') remove(value, path)
    else if (isDispensable(path) && !hasOwnValue(value, path)) fillIn(value, path)
  }
  const violations = findRuleViolations(value, { dialect: 'legacy', locales })
  return { value, findings: findings.concat(remaining, violations) }
}

/** What the form shows but no request needs, with what stands in for it when it is missing. */
const DISPENSABLE: Readonly<Record<string, unknown>> = {
  color: '#000000',
  description: {},
  signup_url: '',
  website: '',
}

function isDispensable(path: DocumentPath): boolean {
  return typeof path[0] === 'string' && Object.hasOwn(DISPENSABLE, path[0])
}

function hasOwnValue(document: unknown, path: DocumentPath): boolean {
  return path.length > 1 || typeof valueIn(document, path) === typeof DISPENSABLE[String(path[0])]
}

function fillIn(document: unknown, [name]: DocumentPath): void {
  Object.assign(document as object, { [String(name)]: DISPENSABLE[String(name)] })
}

/** What the legacy dialect takes note of and lives with. */
const TOLERATED: ReadonlySet<string> = new Set([
  'MANIFEST_BYTE_ORDER_MARK',
  'MANIFEST_COMMENT_PRESENT',
  'MANIFEST_KEY_DUPLICATE',
  'MANIFEST_KEY_INVALID',
  'MANIFEST_PROPERTY_UNKNOWN',
  'MANIFEST_TRAILING_COMMA',
])

function tolerate(finding: Finding): void {
  const isFieldName = finding.path.at(-1) === 'name' && finding.path[1] === 'fields'
  const isFormOnly = isDispensable(finding.path)
  const isName =
    finding.code === 'MANIFEST_VALUE_INVALID' && (isFieldName || finding.path[0] === 'app_id')
  if (TOLERATED.has(finding.code) || isName || isFormOnly) finding.severity = 'warning'
}

/** Authorization parameters under the wrong object are the commonest unknown properties. */
function pointToQueryString(finding: Finding): Finding {
  const name = finding.path[2]
  if (finding.code !== 'MANIFEST_PROPERTY_UNKNOWN' || finding.path[1] !== 'oauth_access_fields')
    return finding
  if (typeof name !== 'string' || !AUTHORIZE_PARAMETERS.has(name)) return finding
  const { fix: _, ...rest } = finding
  return { ...rest, hint: 'Parameters of authorize_url go into authentication.query_string.' }
}
