import { PermanentError } from '@mortise/errors'
import type { AppManifest } from './app-manifest.ts'

/** Answers the secret of a name; `undefined` when it knows none. */
export type SecretResolver = (name: string) => string | undefined | Promise<string | undefined>

/** The client an app has at an OAuth provider. */
export interface OAuthClient {
  clientId: string
  clientSecret?: string
}

/** Whether a text is a reference to a secret, like `PLUGA_CLIENT_ID`, and not the secret itself. */
export function isSecretReference(text: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(text)
}

/** A resolver that reads the process's environment, at the time of each call. */
export function secretsFromEnv(): SecretResolver {
  return (name) => process.env[name]
}

/**
 * The client that the manifest refers to. References in capitals are resolved; `{field}` is the account's
 * own value; another `client_id` is taken as it is.
 *
 * @throws {PermanentError} MANIFEST_SECRET_MISSING when a reference resolves to nothing.
 * @throws {PermanentError} MANIFEST_SECRET_COMMITTED when the secret stands in the manifest itself.
 */
export async function resolveClient(
  manifest: AppManifest,
  resolver: SecretResolver,
): Promise<OAuthClient> {
  const { authentication } = manifest
  if (authentication.type !== 'oauth_2')
    throw new TypeError(
      `resolveClient: ${manifest.name} authenticates with ${authentication.type}, not oauth_2.`,
    )
  const { client_id, client_secret } = authentication.oauth_access_fields
  const clientId = isSecretReference(client_id)
    ? await resolveSecret(client_id, resolver)
    : client_id
  if (client_secret === undefined) return { clientId }
  if (!isSecretReference(client_secret) && !client_secret.startsWith('{'))
    throw new PermanentError(`The manifest of ${manifest.name} holds its client secret itself.`, {
      code: 'MANIFEST_SECRET_COMMITTED',
      outcome: 'not_sent',
    })
  const clientSecret = isSecretReference(client_secret)
    ? await resolveSecret(client_secret, resolver)
    : client_secret
  return { clientId, clientSecret }
}

async function resolveSecret(name: string, resolver: SecretResolver): Promise<string> {
  const secret = await resolver(name)
  if (secret) return secret
  throw new PermanentError(`The secret ${name} is not set.`, {
    code: 'MANIFEST_SECRET_MISSING',
    outcome: 'not_sent',
    details: { name },
  })
}
