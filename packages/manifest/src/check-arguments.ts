import type { AppManifest, AuthValues } from './app-manifest.ts'

/**
 * Takes what is no manifest for the caller's mistake, before anything else fails on it.
 *
 * @throws {TypeError} that says where a manifest comes from.
 */
export function checkManifest(manifest: AppManifest): void {
  if (typeof manifest?.authentication?.type !== 'string' || !manifest.api_base_uri)
    throw new TypeError(
      `A manifest is needed, such as the "manifest" in what parseManifest answers, but received ${kindOf(manifest)}.`,
    )
}

/** @throws {TypeError} when there are no values, not even `{}`. */
export function checkAuth(auth: AuthValues): void {
  if (typeof auth !== 'object' || auth === null)
    throw new TypeError(
      `The values of the account are needed as an object such as event.auth, but received ${kindOf(auth)}.`,
    )
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? 'another object' : typeof value
}
