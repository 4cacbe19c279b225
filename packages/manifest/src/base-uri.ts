import { AuthError, PermanentError } from '@mortise/errors'
import type { AppManifest, AuthValues, Environment } from './app-manifest.ts'
import { checkManifest } from './check-arguments.ts'
import { credential, fieldsOf, refuseCredential } from './credentials.ts'
import { type UrlRules, urlProblem } from './safe-url.ts'
import { renderTemplate, templateNames } from './template.ts'

/** Which environment, for which account. */
export interface ResolveBaseUriOptions extends UrlRules {
  /** Values for `{field}` placeholders. Default none. */
  auth?: AuthValues | undefined
  /** Name of an environment. Default: the one marked `default`, or the only one. */
  env?: string | undefined
}

/** The environments' names and which of them is the default. */
export function defaultEnvironment(manifest: AppManifest): string {
  const names = Object.keys(manifest.api_base_uri)
  const marked = names.find((name) => manifest.api_base_uri[name]?.default === true)
  return marked ?? names[0] ?? ''
}

/**
 * The base URI of an environment for one account, without a slash at the end.
 *
 * @throws {PermanentError} MANIFEST_ENVIRONMENT_UNKNOWN when there is no environment of that name.
 * @throws {AuthError} MANIFEST_CREDENTIAL_MISSING or MANIFEST_HOST_REFUSED when the account's values
 *   do not make a URL that credentials may be sent to.
 * @throws {TypeError} when there is no manifest: the caller's mistake.
 */
export function resolveBaseURI(manifest: AppManifest, options: ResolveBaseUriOptions = {}): string {
  checkManifest(manifest)
  const name = options.env ?? defaultEnvironment(manifest)
  const environment: Environment | undefined = Object.hasOwn(manifest.api_base_uri, name)
    ? manifest.api_base_uri[name]
    : undefined
  if (!environment) {
    const known = Object.keys(manifest.api_base_uri).join(', ')
    throw new PermanentError(`${manifest.name} has no environment "${name}". It has: ${known}.`, {
      code: 'MANIFEST_ENVIRONMENT_UNKNOWN',
      outcome: 'not_sent',
    })
  }
  return renderUrl(manifest, environment.uri, options).replace(/\/+$/, '')
}

/**
 * Fills a URL template. A placeholder at the very start stands for scheme and host (`{site}/api`);
 * anywhere else its value is percent-encoded, so that it cannot change the host.
 */
export function renderUrl(
  manifest: AppManifest,
  template: string,
  options: ResolveBaseUriOptions = {},
): string {
  const { auth = {} } = options
  const names = templateNames(template)
  let isFirst = true
  const text = renderTemplate(withSlashAfterOrigin(template), (name) => {
    const value = credential(manifest, auth, name).trim()
    const isOrigin = isFirst && template.startsWith(`{${name}}`)
    isFirst = false
    return isOrigin ? originText(name, value) : encodeInUrl(template, name, value)
  })
  const url = URL.canParse(text) ? new URL(text) : undefined
  const problem = url ? urlProblem(url, options) : 'is not a valid URL'
  if (problem) refuseUrl(manifest, names, problem)
  checkHostPatterns(manifest, names, url as URL)
  return text
}

/** `{site}api/v2` is written by people whose `site` ends with a slash; ours never does. */
function withSlashAfterOrigin(template: string): string {
  return template.replace(/^(\{\w+\})(?=[^/?#])/, '$1/')
}

function originText(field: string, value: string): string {
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(value) ? value : `https://${value}`
  if (!URL.canParse(withScheme)) throw refuseCredential(field, 'is not a valid address')
  const url = new URL(withScheme)
  if (url.search !== '' || url.hash !== '')
    throw refuseCredential(field, 'must not have a query or a fragment')
  return url.href.replace(/\/+$/, '') // as it was understood, not as it was typed: readers of addresses differ
}

/** Inside the host only letters, digits, `-` and `.` are let through. */
function encodeInUrl(template: string, field: string, value: string): string {
  const before = template.slice(0, template.indexOf(`{${field}}`))
  const isInHost = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*$/i.test(before)
  if (!isInHost) return encodeURIComponent(value)
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?$/i.test(value))
    throw refuseCredential(field, 'is not a valid host name')
  return value
}

function checkHostPatterns(manifest: AppManifest, names: readonly string[], url: URL): void {
  for (const field of fieldsOf(manifest)) {
    if (!field.host_pattern || !names.includes(field.name)) continue
    const suffix = field.host_pattern.startsWith('*.') ? field.host_pattern.slice(1) : undefined
    const fits = suffix ? url.hostname.endsWith(suffix) : url.hostname === field.host_pattern
    if (!fits) refuseUrl(manifest, [field.name], `is not at ${field.host_pattern}`)
  }
}

function refuseUrl(manifest: AppManifest, fields: readonly string[], problem: string): never {
  if (fields.length === 0)
    throw new PermanentError(`A URL of the manifest of ${manifest.name} ${problem}.`, {
      code: 'MANIFEST_URL_INVALID',
      outcome: 'not_sent',
    })
  throw new AuthError(
    `${manifest.name}: the address made from "${fields.join('", "')}" ${problem}.`,
    {
      code: 'MANIFEST_HOST_REFUSED',
      outcome: 'not_sent',
      details: { fields },
    },
  )
}
