import { PermanentError } from '@mortise/errors'
import type { AppManifest, AuthValues, Field } from './app-manifest.ts'
import { type ResolveBaseUriOptions, resolveBaseURI } from './base-uri.ts'
import { checkAuth, checkManifest } from './check-arguments.ts'
import { credential, refuseCredential, renderCredentials } from './credentials.ts'
import { headerNameProblem, headerValueProblem } from './header-value.ts'
import { joinUrl, withQuery } from './request-url.ts'
import { encodeBase64, renderTemplate, templateNames } from './template.ts'

/** What `applyAuth` reads and writes of a request; everything else is passed through. */
export interface AuthRequest {
  /**
   * A path under the manifest's base URI (`/users/me`), or absolute: then it is signed wherever it leads. Only
   * `createAuthorizedFetch` and `authorizeAxios` judge the origin.
   */
  url: string
  headers?: Readonly<Record<string, string>> | Headers | undefined
}

/** A request that carries the account's credentials. */
export type AuthorizedRequest<R extends AuthRequest> = Omit<R, 'url' | 'headers'> & {
  url: string
  headers: Record<string, string>
}

/** Which environment a relative `url` belongs to. */
export interface ApplyAuthOptions extends Omit<ResolveBaseUriOptions, 'auth'> {}

/** What a manifest adds to a request: headers and query parameters, in the order of the manifest. */
export interface RequestCredentials {
  headers: [name: string, value: string][]
  query: [name: string, value: string][]
}

/**
 * Signs a request as the manifest declares: a pure function that answers a new request.
 * A header or query parameter of the same name is replaced.
 *
 * @throws {AuthError} MANIFEST_CREDENTIAL_MISSING or MANIFEST_CREDENTIAL_INVALID, naming the field.
 * @throws {AuthError} MANIFEST_HOST_REFUSED when a relative `url` would leave for a private address.
 * @throws {PermanentError} MANIFEST_MAPPING_INVALID, MANIFEST_TEMPLATE_INVALID, MANIFEST_ENVIRONMENT_UNKNOWN or
 *   MANIFEST_URL_INVALID when the manifest was not read by `parseManifest` or there is no such environment.
 * @throws {TypeError} when there is no manifest, no account or no `url`: the caller's mistake.
 */
export function applyAuth<R extends AuthRequest>(
  manifest: AppManifest,
  auth: AuthValues,
  request: R,
  options: ApplyAuthOptions = {},
): AuthorizedRequest<R> {
  const credentials = requestCredentials(manifest, auth)
  const url = absoluteUrl(manifest, auth, request?.url, options)
  const given = request.headers
  const headers = { ...(given instanceof Headers ? Object.fromEntries(given) : given) }
  for (const [name, value] of credentials.headers) {
    for (const existing of Object.keys(headers))
      if (existing.toLowerCase() === name.toLowerCase()) delete headers[existing]
    headers[name] = value
  }
  return { ...request, url: withQuery(url, credentials.query), headers }
}

/**
 * The headers and query parameters that prove the account, without a request.
 *
 * @throws {AuthError} MANIFEST_CREDENTIAL_MISSING or MANIFEST_CREDENTIAL_INVALID, naming the field.
 * @throws {TypeError} when there is no manifest or no account: the caller's mistake.
 */
export function requestCredentials(manifest: AppManifest, auth: AuthValues): RequestCredentials {
  checkManifest(manifest)
  checkAuth(auth)
  const result: RequestCredentials = { headers: [], query: [] }
  addCredential(result, manifest, auth)
  const { headers = {}, query = {} } = manifest.authentication.request ?? {}
  for (const [name, template] of Object.entries(headers)) {
    const value = renderCredentials(manifest, auth, template)
    if (value !== '') addHeader(result, name, value, templateNames(template)[0] ?? name)
  }
  for (const [name, template] of Object.entries(query)) {
    const value = renderCredentials(manifest, auth, template)
    if (value !== '') result.query.push([name, value])
  }
  return result
}

function addCredential(result: RequestCredentials, manifest: AppManifest, auth: AuthValues): void {
  const { authentication } = manifest
  switch (authentication.type) {
    case 'oauth_2':
      addToken(result, manifest, auth, authentication.oauth_access_fields)
      break
    case 'two_step':
      addToken(result, manifest, auth, authentication)
      break
    case 'basic_auth':
      addBasic(result, manifest, auth)
      break
    case 'pass_through_header':
      addHeaderFields(result, manifest, auth)
      break
    case 'pass_through_query_string':
      addQueryFields(result, manifest, auth)
      break
  }
}

interface TokenPlacement {
  access_token_placement: 'header_bearer' | 'header_basic' | 'query_string' | 'header'
  access_token_on_query_string_replacement?: string | undefined
  access_token_header?: string | undefined
  access_token_format?: string | undefined
}

function addToken(
  result: RequestCredentials,
  manifest: AppManifest,
  auth: AuthValues,
  placement: TokenPlacement,
): void {
  const token = credential(manifest, auth, 'access_token')
  switch (placement.access_token_placement) {
    case 'header_bearer':
      addHeader(result, 'Authorization', `Bearer ${token}`, 'access_token')
      break
    case 'header_basic':
      addHeader(result, 'Authorization', `Basic ${token}`, 'access_token')
      break
    case 'query_string': {
      const name = placement.access_token_on_query_string_replacement ?? 'access_token'
      result.query.push([name, token])
      break
    }
    case 'header': {
      const format = placement.access_token_format ?? '{access_token}'
      const value = renderCredentials(manifest, auth, format)
      addHeader(result, placement.access_token_header ?? '', value, 'access_token')
      break
    }
  }
}

const DEFAULT_BASIC_FORMAT = '{username}:{password}'

/** @see https://www.rfc-editor.org/rfc/rfc7617#section-2 */
function addBasic(result: RequestCredentials, manifest: AppManifest, auth: AuthValues): void {
  const { authentication } = manifest
  if (authentication.type !== 'basic_auth') return
  const part = (mapping: 'username' | 'password') => {
    const field = authentication.fields.find((candidate) => candidate.mapping === mapping)
    if (!field) return ''
    const value = credential(manifest, auth, field.name)
    checkBasicValue(field, value, mapping)
    return formatField(field, value)
  }
  const values: Record<string, string> = { username: part('username'), password: part('password') }
  const format = authentication.basic_auth_format ?? DEFAULT_BASIC_FORMAT
  const joined = renderTemplate(format, (name) => values[name] ?? '')
  result.headers.push(['Authorization', `Basic ${encodeBase64(joined)}`])
}

function checkBasicValue(field: Field, value: string, mapping: string): void {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code < 0x20 || code === 0x7f)
      throw refuseCredential(field.name, 'contains a control character')
    if (code === 0x3a && mapping === 'username')
      throw refuseCredential(field.name, 'contains a colon, which a user name cannot')
  }
}

function addHeaderFields(
  result: RequestCredentials,
  manifest: AppManifest,
  auth: AuthValues,
): void {
  for (const field of manifest.authentication.fields ?? []) {
    if (field.mapping === undefined) continue
    const value = credential(manifest, auth, field.name)
    if (value === '') continue
    const problem = headerValueProblem(value)
    if (problem) throw refuseCredential(field.name, problem)
    addHeader(result, field.mapping, formatField(field, value), field.name)
  }
}

function addQueryFields(result: RequestCredentials, manifest: AppManifest, auth: AuthValues): void {
  // A field inside an address or a template is not also sent under its own name.
  const inTemplates = new Set([...namesInUrls(manifest), ...namesInRequest(manifest)])
  for (const field of manifest.authentication.fields ?? []) {
    if (field.mapping === undefined && inTemplates.has(field.name)) continue
    const value = credential(manifest, auth, field.name)
    if (value !== '') result.query.push([field.mapping ?? field.name, formatField(field, value)])
  }
}

/** Names used inside addresses. */
export function namesInUrls(manifest: AppManifest): Set<string> {
  const templates = Object.values(manifest.api_base_uri).map(({ uri }) => uri)
  const { ping_request } = manifest.authentication
  if (ping_request?.base_uri) templates.push(ping_request.base_uri)
  return new Set(templates.flatMap(templateNames))
}

/** Names used inside what every request carries. */
export function namesInRequest(manifest: AppManifest): Set<string> {
  const { headers, query } = manifest.authentication.request ?? {}
  return new Set(
    [...Object.values(headers ?? {}), ...Object.values(query ?? {})].flatMap(templateNames),
  )
}

/** `prefix`, one space and the value; an empty prefix means none; `mapping_format` instead of both. */
function formatField(field: Field, value: string): string {
  if (field.mapping_format !== undefined)
    return renderTemplate(field.mapping_format, (name) => (name === 'value' ? value : ''))
  return field.prefix ? `${field.prefix} ${value}` : value
}

function addHeader(result: RequestCredentials, name: string, value: string, field: string): void {
  const nameProblem = headerNameProblem(name)
  if (nameProblem)
    throw new PermanentError(`The header that the manifest maps "${field}" to ${nameProblem}.`, {
      code: 'MANIFEST_MAPPING_INVALID',
      outcome: 'not_sent',
    })
  const problem = headerValueProblem(value)
  if (problem) throw refuseCredential(field, problem)
  result.headers.push([name, value])
}

function absoluteUrl(
  manifest: AppManifest,
  auth: AuthValues,
  url: string,
  options: ApplyAuthOptions,
) {
  if (typeof url !== 'string')
    throw new TypeError(`applyAuth: request.url must be a string, but received ${typeof url}.`)
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return url
  return joinUrl(resolveBaseURI(manifest, { ...options, auth }), url)
}
