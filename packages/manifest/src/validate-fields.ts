import { isIntegrationError } from '@mortise/errors'
import type { AppManifest, Field } from './app-manifest.ts'
import { resolveBaseURI } from './base-uri.ts'
import { checkManifest } from './check-arguments.ts'
import { fieldsOf } from './credentials.ts'
import { headerValueProblem } from './header-value.ts'
import { compilePattern, MAX_PATTERN_INPUT } from './linear-pattern.ts'
import type { UrlRules } from './safe-url.ts'
import { templateNames } from './template.ts'

/** Why a typed value is refused. */
export type FieldProblemCode =
  | 'FIELD_REQUIRED'
  | 'FIELD_TYPE_INVALID'
  | 'FIELD_TOO_SHORT'
  | 'FIELD_TOO_LONG'
  | 'FIELD_FORMAT_INVALID'
  | 'FIELD_PATTERN_MISMATCH'
  | 'FIELD_NOT_ALLOWED'
  | 'FIELD_UNKNOWN'
  | 'FIELD_ADDRESS_REFUSED'

/** One refused value. Names the field and its label, never what was typed. */
export interface FieldProblem {
  field: string
  code: FieldProblemCode
  message: string
}

/** What a form submitted: the values to store, or everything that is wrong with them. */
export type ValidatedFields =
  | { ok: true; values: Record<string, string>; problems: [] }
  | { ok: false; values: undefined; problems: FieldProblem[] }

/** Which language the messages name fields in. */
export interface ValidateFieldsOptions extends UrlRules {
  /** Default `en`, then `pt_BR`, then any. */
  locale?: string
}

/**
 * Checks what a user typed into the connection form. Values are trimmed, defaults filled in, empty
 * optional fields left out; a hidden field always has its default.
 *
 * @throws {TypeError} when there is no manifest or `values` is not an object: the caller's mistake.
 */
export function validateFields(
  manifest: AppManifest,
  values: Readonly<Record<string, unknown>>,
  options: ValidateFieldsOptions = {},
): ValidatedFields {
  checkManifest(manifest)
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw new TypeError(
      'validateFields needs the typed values as an object of texts by field name.',
    )
  const fields = fieldsOf(manifest)
  const problems: FieldProblem[] = []
  const accepted: Record<string, string> = {}
  for (const field of fields) {
    const typed =
      field.type === 'hidden' || !Object.hasOwn(values, field.name) ? undefined : values[field.name]
    const problem = checkField(field, typed, accepted, manifest)
    if (problem)
      problems.push({
        field: field.name,
        code: problem[0],
        message: sentence(field, problem[1], options),
      })
  }
  for (const name of Object.keys(values)) {
    if (fields.some((field) => field.name === name)) continue
    const shown = name.slice(0, MAX_SHOWN_NAME)
    problems.push({ field: shown, code: 'FIELD_UNKNOWN', message: `There is no field "${shown}".` })
  }
  if (problems.length === 0) problems.push(...checkAddresses(manifest, accepted, options))
  if (problems.length > 0) return { ok: false, values: undefined, problems }
  return { ok: true, values: accepted, problems: [] }
}

/** Addresses made from fields are judged in the form already, where the user can correct them. */
function checkAddresses(
  manifest: AppManifest,
  auth: Readonly<Record<string, string>>,
  options: ValidateFieldsOptions,
): FieldProblem[] {
  const { allowPrivateNetwork } = options
  for (const [env, { uri }] of Object.entries(manifest.api_base_uri)) {
    const names = new Set(templateNames(uri))
    const fields = fieldsOf(manifest).filter(({ name }) => names.has(name))
    const isComplete = [...names].every((name) => fields.some((field) => field.name === name))
    if (fields.length === 0 || !isComplete) continue // the rest is captured when connecting
    try {
      resolveBaseURI(manifest, { auth, env, allowPrivateNetwork })
    } catch (error) {
      if (!isIntegrationError(error) || error.kind !== 'auth') continue // the manifest's fault, not the user's
      return fields.map((field) => ({
        field: field.name,
        code: 'FIELD_ADDRESS_REFUSED',
        message: sentence(field, 'does not make an address that can be used', options),
      }))
    }
  }
  return []
}

/** A hostile name must not fill a log line. */
const MAX_SHOWN_NAME = 60

type Problem = [FieldProblemCode, string]

function checkField(
  field: Field,
  typed: unknown,
  accepted: Record<string, string>,
  manifest: AppManifest,
): Problem | undefined {
  if (typed !== undefined && typed !== null && typeof typed !== 'string')
    return ['FIELD_TYPE_INVALID', 'must be a text']
  const value = (typed ?? '').trim() || (field.default ?? '')
  if (value === '') return field.optional ? undefined : ['FIELD_REQUIRED', 'must be filled in']
  const problem =
    checkLength(field, value) ??
    checkForm(field, value) ??
    (manifest.authentication.type === 'pass_through_header' && field.mapping
      ? checkHeader(value)
      : undefined)
  if (!problem) accepted[field.name] = value
  return problem
}

function checkLength(field: Field, value: string): Problem | undefined {
  const length = [...value].length
  for (const { name, value: limit } of field.validations ?? []) {
    if (name === 'min_length' && length < limit)
      return ['FIELD_TOO_SHORT', `must have at least ${limit} characters`]
    if (name === 'max_length' && length > limit)
      return ['FIELD_TOO_LONG', `must have at most ${limit} characters`]
  }
  return undefined
}

function checkForm(field: Field, value: string): Problem | undefined {
  if (field.enum && !field.enum.includes(value))
    return ['FIELD_NOT_ALLOWED', `must be one of: ${field.enum.join(', ')}`]
  const format = field.format ?? (field.type === 'email' ? 'email' : undefined)
  if (format && !FORMATS[format](value)) return ['FIELD_FORMAT_INVALID', FORMAT_WORDS[format]]
  if (field.pattern === undefined) return undefined
  if (value.length > MAX_PATTERN_INPUT)
    return ['FIELD_TOO_LONG', `must have at most ${MAX_PATTERN_INPUT} characters`]
  if (!compilePattern(field.pattern).test(value))
    return ['FIELD_PATTERN_MISMATCH', 'does not have the form that is asked for']
  return undefined
}

function checkHeader(value: string): Problem | undefined {
  const problem = headerValueProblem(value)
  return problem ? ['FIELD_FORMAT_INVALID', problem] : undefined
}

type Format = NonNullable<Field['format']>

const FORMATS: Readonly<Record<Format, (value: string) => boolean>> = {
  // Something before and after one @, no white space, a dot in the host: the rest only the mail server knows.
  email: (value) => value.length <= 254 && /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/.test(value),
  hostname: (value) =>
    value.length <= 253 &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(
      value,
    ),
  uri: (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
  uuid: (value) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
}

const FORMAT_WORDS: Readonly<Record<Format, string>> = {
  email: 'must be an e-mail address',
  hostname: 'must be a host name',
  uri: 'must be a web address',
  uuid: 'must be a UUID',
}

function sentence(field: Field, problem: string, { locale = 'en' }: ValidateFieldsOptions): string {
  const { label } = field
  const text =
    typeof label === 'string'
      ? label
      : (label[locale] ?? label.en ?? label.pt_BR ?? Object.values(label)[0])
  return `${text ?? field.name} ${problem}.`
}
