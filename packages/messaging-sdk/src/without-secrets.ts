import { inspect } from 'node:util'
import { copyError, fromUnknown, type IntegrationError, type Redact } from '@mortise/errors'

/** Shorter ones would be found in ordinary words. */
const SHORTEST_SECRET = 8
/** Names of credentials that everybody may see, and that help whoever reads an error. */
const IDENTIFIER = /(?:id|sid)$/i
const MAX_DEPTH = 4

/** Replaces a channel's credentials in a text: platforms repeat tokens in what they answer. */
export function redactorOf(credentials: unknown): Redact {
  const secrets = textsOf(credentials)
    .filter((text) => text.length >= SHORTEST_SECRET)
    .flatMap((text) => [text, encodeURIComponent(text)])
    .sort((one, other) => other.length - one.length) // one may be part of another
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text)
}

/** What was thrown as an error of ours that shows no credential, neither itself nor by its cause. */
export function withoutSecrets(thrown: unknown, credentials: unknown): IntegrationError {
  const redact = redactorOf(credentials)
  const error = fromUnknown(thrown, { redact })
  const shown = inspect(error, { depth: 2 * MAX_DEPTH })
  return redact(shown) === shown ? error : copyError(error, { cause: undefined })
}

function textsOf(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    IDENTIFIER.test(name) ? [] : textsOf(inner, depth + 1),
  )
}
