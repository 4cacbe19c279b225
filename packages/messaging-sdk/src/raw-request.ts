/** An HTTP request as it arrived: the bytes are what a platform signed, so nothing is parsed yet. */
export interface RawRequest {
  method: string
  /** The public URL, with query. Behind a proxy the door must be told the outside origin; some platforms sign it. */
  url: string
  /** Names in lower case. A header sent twice is joined with `, `. */
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  /** The body as text. @throws {TypeError} when it is not valid UTF-8. */
  text: () => string
  /** The body parsed as JSON, once. @throws {SyntaxError | TypeError} when it is not JSON. */
  json: () => unknown
  /** The URL's query. */
  query: () => URLSearchParams
}

/** A whole answer, small enough to be one string. */
export interface RawResponse {
  status: number
  headers?: Readonly<Record<string, string>>
  body?: string
}

/** What a raw request is made of. */
export interface RawRequestOptions {
  method: string
  url: string
  /** `Headers`, or an object such as Node's `request.headers`. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  body?: Uint8Array | undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Builds a {@link RawRequest}; text, JSON and query are made on first use and kept. */
export function createRawRequest(options: RawRequestOptions): RawRequest {
  const body = options.body ?? new Uint8Array()
  let text: string | undefined
  let json: { value: unknown } | undefined
  let query: URLSearchParams | undefined
  const toText = () => {
    text ??= decoder.decode(body)
    return text
  }
  return {
    method: options.method.toUpperCase(),
    url: options.url,
    headers: lowerCaseNames(options.headers),
    body,
    text: toText,
    json: () => {
      json ??= { value: JSON.parse(toText()) as unknown }
      return json.value
    },
    query: () => {
      query ??= new URL(options.url, 'http://localhost').searchParams
      return query
    },
  }
}

function lowerCaseNames(headers: RawRequestOptions['headers']): Record<string, string> {
  if (headers instanceof Headers) return Object.fromEntries(headers)
  const lower: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    lower[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  }
  return lower
}
