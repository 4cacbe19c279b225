import { AuthError } from '@mortise/errors'
import type { AppManifest, AuthValues, Field } from './app-manifest.ts'
import { renderTemplate } from './template.ts'

/** The fields of the connection form; `[]` when a manifest asks for nothing. */
export function fieldsOf(manifest: AppManifest): readonly Field[] {
  return manifest.authentication.fields ?? []
}

/** The names of the values that token answers and callbacks leave behind in `event.auth`. */
export function capturedNames({ authentication }: AppManifest): string[] {
  const captures =
    authentication.type === 'oauth_2'
      ? [
          authentication.oauth_access_fields.token_response?.capture,
          authentication.oauth_access_fields.redirect_capture,
        ]
      : authentication.type === 'two_step'
        ? [
            ...authentication.token_requests.map(({ capture }) => capture),
            authentication.token_response?.capture,
          ]
        : []
  return [...new Set(captures.flatMap((capture) => Object.keys(capture ?? {})))]
}

/**
 * The text of one value of the account: what was given, else the field's default, else empty for an
 * optional field.
 *
 * @throws {AuthError} MANIFEST_CREDENTIAL_MISSING when there is none.
 */
export function credential(manifest: AppManifest, auth: AuthValues, name: string): string {
  const value = Object.hasOwn(auth, name) ? auth[name] : undefined
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const field = fieldsOf(manifest).find((candidate) => candidate.name === name)
  if (field?.default !== undefined) return field.default
  if (field?.optional) return ''
  throw new AuthError(`${manifest.name}: the credential "${name}" is missing.`, {
    code: 'MANIFEST_CREDENTIAL_MISSING',
    outcome: 'not_sent',
    details: { field: name },
  })
}

/** Fills a template with the account's values. */
export function renderCredentials(
  manifest: AppManifest,
  auth: AuthValues,
  template: string,
): string {
  return renderTemplate(template, (name) => credential(manifest, auth, name))
}

/** The refusal of a value that the account's owner typed. The message names the field, never the value. */
export function refuseCredential(field: string, problem: string): AuthError {
  return new AuthError(`The credential "${field}" ${problem}.`, {
    code: 'MANIFEST_CREDENTIAL_INVALID',
    outcome: 'not_sent',
    details: { field },
  })
}
