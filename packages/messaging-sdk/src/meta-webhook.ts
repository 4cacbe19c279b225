import type { VerifyResult } from './platform-adapter.ts'
import type { RawRequest, RawResponse } from './raw-request.ts'
import { isHmacValid, isTokenValid } from './signature.ts'

/** What Meta's webhooks are proven with, on every product alike. */
export interface MetaWebhookCredentials {
  appSecret: string
  previousAppSecret?: string
  verifyToken: string
}

/** HMAC-SHA256 of the raw body under the app's secret. @see https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads */
export function verifyMetaSignature(
  request: RawRequest,
  credentials: MetaWebhookCredentials,
): VerifyResult {
  const header = request.headers['x-hub-signature-256']
  if (!header?.startsWith('sha256=')) return { ok: false, reason: 'no signature' }
  const valid = isHmacValid({
    algorithm: 'sha256',
    encoding: 'hex',
    signed: [request.body],
    signature: header.slice('sha256='.length),
    secrets: [credentials.appSecret, credentials.previousAppSecret],
  })
  return valid ? { ok: true } : { ok: false, reason: 'signature mismatch' }
}

/** The dashboard's "verify and save": a GET with our own token, answered with its challenge. */
export function answerMetaChallenge(
  request: RawRequest,
  credentials: MetaWebhookCredentials,
): RawResponse | undefined {
  if (request.method !== 'GET') return undefined
  const query = request.query()
  const known =
    query.get('hub.mode') === 'subscribe' &&
    isTokenValid(query.get('hub.verify_token'), [credentials.verifyToken])
  if (!known) return { status: 403 }
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: query.get('hub.challenge') ?? '',
  }
}
