import type { AppManifest, AuthValues } from './app-manifest.ts'
import { namesInRequest, namesInUrls, requestCredentials } from './apply-auth.ts'
import { checkAuth, checkManifest } from './check-arguments.ts'
import { capturedNames, fieldsOf } from './credentials.ts'
import { maskValue, REDACTED } from './mask-value.ts'
import { secretForms } from './secret-forms.ts'
import { namesInTree, templateNames } from './template.ts'
import { layersOf, type Range } from './unescape.ts'

/** Answers a copy in which secrets are masked; texts stay texts, objects keep their shape. Never throws. */
export type Redactor = <T>(value: T) => T

/** Tokens are secret under every manifest. */
const TOKEN_NAMES = ['access_token', 'refresh_token', 'id_token', 'client_secret'] as const

/** Headers that hold nothing else. */
const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization'] as const

/**
 * The names whose values are secret: every field, except one marked `secret: false` or used only inside
 * a URL; what a token answer left and later requests carry outside of their URL; and the OAuth tokens.
 */
export function secretNames(manifest: AppManifest): string[] {
  const inUrls = namesInUrls(manifest)
  const inRequest = namesInRequest(manifest)
  const secrets = fieldsOf(manifest).filter((field) => {
    if (field.secret !== undefined) return field.secret
    const isSent = field.mapping !== undefined || inRequest.has(field.name)
    return isSent || field.type === 'password' || !inUrls.has(field.name)
  })
  const names = secrets.map(({ name }) => name)
  return [...new Set([...names, ...sentCaptures(manifest, inRequest), ...TOKEN_NAMES])]
}

/** A ticket that one token request answers and the next one sends, for example. */
function sentCaptures(manifest: AppManifest, inRequest: ReadonlySet<string>): string[] {
  const { authentication } = manifest
  const steps = authentication.type === 'two_step' ? authentication.token_requests : []
  const sent = new Set([
    ...inRequest,
    ...namesInTree(steps.map(({ headers, query, body }) => [headers, query, body])),
  ])
  return capturedNames(manifest).filter((name) => sent.has(name))
}

/**
 * Makes a redactor for one account: knows its live values as they are, escaped and percent-encoded, in base64
 * and in the headers that `applyAuth` makes of them; and the names under which any value is secret, also an
 * older one. Handles texts, URLs, plain objects, arrays and errors with their causes.
 *
 * @throws {TypeError} when there is no manifest or no account: the caller's mistake.
 */
export function createRedactor(manifest: AppManifest, auth: AuthValues): Redactor {
  return redactorOf(manifest, auth)
}

/** The same with further secrets that have no name in the manifest. */
export function redactorOf(
  manifest: AppManifest,
  auth: AuthValues,
  further: readonly string[] = [],
): Redactor {
  checkManifest(manifest)
  checkAuth(auth)
  const names = new Set(secretNames(manifest))
  const secrets = [...names].flatMap((name) => {
    const value = Object.hasOwn(auth, name) ? auth[name] : undefined
    return typeof value === 'string' || typeof value === 'number' ? String(value) : []
  })
  const keys = new Set(
    [...names, ...targets(manifest, names), ...CREDENTIAL_HEADERS].map((key) => key.toLowerCase()),
  )
  const parameters = parameterPattern([...keys])
  const forms = secretForms([...secrets, ...further, ...headerSecrets(manifest, auth)])
  const maskText = (text: string) => maskForms(text, forms).replace(parameters, `$1${REDACTED}`)
  return <T>(value: T) => maskValue(value, { maskText, keys }) as T
}

function maskForms(text: string, forms: readonly string[]): string {
  const found = [...layersOf(text)].flatMap((layer) =>
    forms.flatMap((form) => occurrences(layer.text, form).map(layer.origin)),
  )
  let masked = ''
  let last = 0
  for (const { start, end } of found.sort((one, other) => one.start - other.start)) {
    if (start >= last) masked += text.slice(last, start) + REDACTED
    last = Math.max(last, end)
  }
  return masked + text.slice(last)
}

function occurrences(text: string, form: string): Range[] {
  const found: Range[] = []
  for (let start = text.indexOf(form); start >= 0; start = text.indexOf(form, start + form.length))
    found.push({ start, end: start + form.length })
  return found
}

/** The headers and parameters that secrets are sent as. */
function targets(manifest: AppManifest, names: ReadonlySet<string>): string[] {
  const { authentication } = manifest
  const fields = fieldsOf(manifest).filter(({ name }) => names.has(name))
  const { headers, query } = authentication.request ?? {}
  const templates = Object.entries({ ...headers, ...query }).filter(([, template]) =>
    templateNames(template).some((name) => names.has(name)),
  )
  const placement =
    authentication.type === 'oauth_2' ? authentication.oauth_access_fields : authentication
  const token =
    'access_token_placement' in placement
      ? [placement.access_token_header, placement.access_token_on_query_string_replacement]
      : []
  return [
    ...fields.map(({ mapping }) => mapping),
    ...templates.map(([name]) => name),
    ...token,
  ].filter((name) => name !== undefined)
}

function headerSecrets(manifest: AppManifest, auth: AuthValues): string[] {
  try {
    return requestCredentials(manifest, auth).headers.map(([, value]) => value.replace(/^\S+ /, ''))
  } catch {
    return [] // incomplete credentials make no headers
  }
}

/** A query parameter of a secret name, whatever its value: it may be an older secret than the one known. */
function parameterPattern(keys: readonly string[]): RegExp {
  const plain = keys
    .filter((key) => /^[\w.-]{1,100}$/.test(key))
    .map((key) => key.replaceAll('.', '\\.'))
  return new RegExp(`([?&](?:${plain.join('|')})=)[^&#\\s"'<>]+`, 'gi')
}
