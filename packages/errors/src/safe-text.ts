/**
 * Replaces the secrets in a text. It gets every text that leaves in a message, a detail or a serialised
 * error. If it throws or answers no string, the whole text is replaced.
 */
export type Redact = (text: string) => string

/** Long enough for any sentence, short enough for a log line. */
export const MAX_MESSAGE_LENGTH = 1000

/** Long enough for any honest text; what crosses a wire must stay bounded. */
export const MAX_TEXT_LENGTH = 8192

/** Longer texts are left out whole: cutting before redacting could leave half a secret at the cut. */
const MAX_SCANNED_LENGTH = 256 * 1024

const REDACTED = '[redacted]'

/** A text somebody else wrote, made fit for a message: redacted, without credentials in URLs, one line, bounded. */
export function safeText(
  text: string,
  redact?: Redact | undefined,
  maxLength = MAX_MESSAGE_LENGTH,
): string {
  if (text.length > MAX_SCANNED_LENGTH) return `(text of ${text.length} characters left out)`
  const line = maskCredentials(redacted(text, redact))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters forge log lines
    .replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
  return truncate(redacted(line, redact), maxLength)
}

/** The text through `redact`, failing closed. */
export function redacted(text: string, redact: Redact | undefined): string {
  if (redact === undefined) return text
  try {
    const result: unknown = redact(text)
    return typeof result === 'string' ? result : REDACTED
  } catch {
    return REDACTED
  }
}

/** Drops user names, passwords and query strings of URLs, authorization values and `token=…` pairs. */
export function maskCredentials(text: string): string {
  return text
    .replace(URL_PATTERN, (_, scheme: string, rest: string) => scheme + maskUrlRest(rest))
    .replace(AUTHORIZATION_PATTERN, `$1 ${REDACTED}`)
    .replace(PAIR_PATTERN, `$1=${REDACTED}`)
}

/** Cuts at a whole character. */
export function truncate(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  return `${text.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

// The schemes are spelled out because an open scheme pattern takes quadratic time on hostile text.
const URL_PATTERN =
  /\b((?:https?|wss?|ftps?|s3|nats|tls|rediss?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|amqps?):\/\/)([^\s"'<>`]*)/gi

// Sixteen characters, because "Basic authentication required" is a sentence, not a credential.
const AUTHORIZATION_PATTERN = /\b(Bearer|Basic|Token|Digest|Bot)\s+[\w.~+/=:-]{16,}/gi

const PAIR_PATTERN =
  /\b(access_token|refresh_token|id_token|auth_token|token|api_?key|client_secret|password|passwd|secret|signature|x-amz-signature|x-amz-security-token)=[^\s&"',;]+/gi

function maskUrlRest(rest: string): string {
  const authorityEnd = rest.search(/[/?#]/)
  const authority = authorityEnd === -1 ? rest : rest.slice(0, authorityEnd)
  const path = authorityEnd === -1 ? '' : rest.slice(authorityEnd)
  const queryStart = path.search(/[?#]/)
  return (
    authority.slice(authority.lastIndexOf('@') + 1) +
    (queryStart === -1 ? path : `${path.slice(0, queryStart)}?…`)
  )
}
