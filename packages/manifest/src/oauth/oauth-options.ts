import type { AppManifest, AuthValues, OAuthAccessFields } from '../app-manifest.ts'
import { checkManifest } from '../check-arguments.ts'
import { renderCredentials } from '../credentials.ts'
import type { Fetch } from '../http/redirects.ts'
import { type OAuthClient, resolveClient, type SecretResolver, secretsFromEnv } from '../secrets.ts'

/** The world of every request to a provider's endpoints. */
export interface OAuthOptions {
  /** The app's own client, or a resolver of the references in the manifest. Default `secretsFromEnv()`. */
  client?: OAuthClient | SecretResolver | undefined
  /** What the user typed into the form, for `{field}` placeholders. Default none. */
  auth?: AuthValues | undefined
  /** Default the global `fetch`. */
  fetch?: Fetch | undefined
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: (() => number) | undefined
  signal?: AbortSignal | undefined
  /** How long one token request may take. Default {@link DEFAULT_TOKEN_TIMEOUT_MS}. */
  timeoutMs?: number | undefined
  /** Allows `http:` and private addresses, for tests and on-premises apps. Default false. */
  allowPrivateNetwork?: boolean | undefined
}

/** A token endpoint that takes longer is out of order. */
export const DEFAULT_TOKEN_TIMEOUT_MS = 20_000

/**
 * The OAuth part of a manifest.
 *
 * @throws {TypeError} when the manifest authenticates otherwise: the caller's mistake.
 */
export function oauthFieldsOf(manifest: AppManifest): OAuthAccessFields {
  checkManifest(manifest)
  const { authentication } = manifest
  if (authentication.type === 'oauth_2') return authentication.oauth_access_fields
  throw new TypeError(`${manifest.name} authenticates with ${authentication.type}, not oauth_2.`)
}

/** The client, from wherever it comes. */
export function clientOf(
  manifest: AppManifest,
  options: Pick<OAuthOptions, 'client'>,
): Promise<OAuthClient> {
  const { client = secretsFromEnv() } = options
  if (typeof client === 'function') return resolveClient(manifest, client)
  if (typeof client?.clientId !== 'string')
    throw new TypeError(
      'The option "client" is { clientId, clientSecret } or a resolver such as secretsFromEnv().',
    )
  return Promise.resolve(client)
}

/** `{client_id}` stands for the user's own client; everything else is taken as it is. */
export function fillClient(manifest: AppManifest, auth: AuthValues, text: string): string {
  return /^\{\w+\}$/.test(text) ? renderCredentials(manifest, auth, text) : text
}
