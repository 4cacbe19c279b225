import { readFileSync } from 'node:fs'
import { type AppManifest, parseManifest } from '@mortise/manifest'
import { type PingResult, runPing } from '@mortise/manifest/ping'

/** The key that Acme's simulated API knows. */
export const API_KEY = 'acme-secret-key-1'

/** Reads `app.json`. @throws {Error} with the first diagnostic when it is not in order. */
export function readAcmeManifest(): AppManifest {
  const source = readFileSync(new URL('./app.json', import.meta.url), 'utf8')
  const { manifest, diagnostics } = parseManifest(source)
  if (!manifest) throw new Error(`acme/app.json: ${diagnostics[0]?.message}`)
  return manifest
}

/** Pings an API with a key, as the manifest declares. Loopback is allowed, for the API is simulated. */
export async function pingAcme(
  manifest: AppManifest,
  account: { baseURI: string; apiKey: string },
): Promise<PingResult> {
  const { baseURI, apiKey } = account
  const event = { auth: { api_key: apiKey }, meta: { baseURI } }
  return await runPing(manifest, event, { allowPrivateNetwork: true })
}

/** A ping's result in a sentence. */
export function explain(result: PingResult): string {
  if (result.ok) return `answered in ${Math.round(result.latencyMs)} ms`
  return `${result.reason} (kind ${result.error.kind})`
}
