import { createHash } from 'node:crypto'
import type { RawRequest } from '../raw-request.ts'
import { isHmacValid, isTokenValid } from '../signature.ts'

/**
 * Whether Twilio signed this: HMAC-SHA1 over the public URL and, for forms, every field's name and value in
 * the order of the names. A JSON body is covered by its hash in the URL (`bodySHA256`).
 *
 * Twilio signs the URL as it was configured; some of its servers add the port and some leave it out, so both
 * spellings count.
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function isTwilioSignatureValid(
  request: RawRequest,
  secrets: readonly (string | undefined)[],
): boolean {
  const signature = request.headers['x-twilio-signature']
  const bodyHash = request.query().get('bodySHA256')
  if (bodyHash !== null) {
    const actual = createHash('sha256').update(request.body).digest('hex')
    if (!isTokenValid(bodyHash.toLowerCase(), [actual])) return false
  }
  const fields = bodyHash === null ? signedFields(request) : ''
  if (fields === undefined) return false
  return spellingsOf(request.url).some((url) =>
    isHmacValid({
      algorithm: 'sha1',
      encoding: 'base64',
      signed: [url, fields],
      signature,
      secrets,
    }),
  )
}

/** Names in their order, each with its values; the same value twice counts once. */
function signedFields(request: RawRequest): string | undefined {
  try {
    const fields = Map.groupBy(new URLSearchParams(request.text()), ([name]) => name)
    return sorted(fields.keys())
      .flatMap((name) => sorted(fields.get(name)?.map(([, value]) => name + value) ?? []))
      .join('')
  } catch {
    return undefined // bytes that are no text are no form
  }
}

/** Each text once, by its code units: the order of Unix, which Twilio asks for. */
function sorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort((left, right) => (left < right ? -1 : 1))
}

const DEFAULT_PORTS: Record<string, string> = { 'https:': '443', 'http:': '80' }

function spellingsOf(address: string): string[] {
  const [, scheme = '', host = '', port = '', rest = ''] =
    /^(https?:)\/\/([^/?#:]+)(?::(\d+))?(.*)$/.exec(address) ?? []
  if (!scheme) return [address]
  const without = `${scheme}//${host}${rest}`
  const withPort = `${scheme}//${host}:${port || DEFAULT_PORTS[scheme]}${rest}`
  return [...new Set([address, without, withPort])]
}
