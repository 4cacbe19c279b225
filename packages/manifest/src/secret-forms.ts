import { encodeBase64 } from './template.ts'
import { allUnescaped } from './unescape.ts'

/** Shorter values are masked by name only: as text they would hide half of every message. */
const MIN_SECRET_LENGTH = 4

/**
 * Every form of the secrets to search a text for once its escapes are undone: as they are, and in base64, also inside
 * a longer one (`user:secret`), where a secret has one of three alignments.
 */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets
    .filter(({ length }) => length >= MIN_SECRET_LENGTH)
    .map((secret) => new TextDecoder().decode(new TextEncoder().encode(secret))) // no lone surrogates
    .flatMap((secret) => [
      ...allUnescaped(secret).flatMap((plain) => [plain, plain.replaceAll(' ', '+')]),
      ...[secret, formEncoded(secret), strictlyEncoded(secret)].flatMap(base64Forms),
    ])
  return [...new Set(forms)].filter(({ length }) => length >= MIN_SECRET_LENGTH)
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

/** As client secrets go into a Basic header. @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 */
function strictlyEncoded(text: string): string {
  return encodeURIComponent(text)
    .replace(/[-_.!~*'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

function base64Forms(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret).length
  const forms = [encodeBase64(secret)]
  for (const lead of [0, 1, 2]) {
    const encoded = encodeBase64('\0'.repeat(lead) + secret)
    // Only characters that hold nothing but bits of the secret are the same in every surrounding text.
    const stable = encoded.slice(Math.ceil((lead * 8) / 6), Math.floor(((lead + bytes) * 8) / 6))
    if (stable.length >= MIN_SECRET_LENGTH * 2) forms.push(stable)
  }
  return forms.flatMap((text) => {
    const urlSafe = text.replaceAll('+', '-').replaceAll('/', '_')
    return [text, urlSafe, text.replace(/=+$/, '')]
  })
}
