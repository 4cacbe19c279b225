/** Headers that steer the connection or belong to the HTTP client; a manifest must not set them. */
const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Why a name cannot be a header of a signed request; `undefined` when it can. */
export function headerNameProblem(name: string): string | undefined {
  if (!TOKEN.test(name)) return 'is not a valid header name'
  if (FORBIDDEN_HEADERS.has(name.toLowerCase()))
    return 'is a header that only the HTTP client may set'
  return undefined
}

/** Why a text cannot be a header's value; says nothing of the value itself. */
export function headerValueProblem(value: string): string | undefined {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f)
      return 'contains a line break or another control character'
    if (code > 0xff) return 'contains characters that a header cannot carry'
  }
  return value !== value.trim() ? 'begins or ends with white space' : undefined
}
