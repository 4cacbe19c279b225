import type { HttpRequestConfig } from './http-request-config.ts'

/** The address of a request with its parameters, put together as axios does. */
export function requestUrl({ url = '', baseURL, params }: HttpRequestConfig): string {
  const isAbsolute = /^([a-z][a-z0-9+.-]*:)?\/\//i.test(url)
  const joined =
    baseURL && url !== '' && !isAbsolute
      ? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`
      : url || (baseURL ?? '')
  const [absolute = ''] = joined.split('#')
  const pairs = params instanceof URLSearchParams ? [...params] : flatten(params ?? {})
  if (pairs.length === 0) return absolute
  const query = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  return `${absolute}${absolute.includes('?') ? '&' : '?'}${query}`
}

/** Exactly the characters that axios leaves alone. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replaceAll('%24', '$')
    .replaceAll('%2C', ',')
    .replaceAll('%20', '+')
}

/** Deeper is a circle. */
const MAX_DEPTH = 20

/** `{ a: [1, 2], b: { c: 3 } }` becomes `a[]=1`, `a[]=2`, `b[c]=3`, as with axios; what is null is left out. */
export function flatten(values: object, path = '', depth = 0): [string, string][] {
  if (depth > MAX_DEPTH) throw new TypeError('The parameters of a request nest in a circle.')
  return Object.entries(values).flatMap(([key, value]): [string, string][] => {
    const name = path === '' ? key : `${path}[${key}]`
    if (value === undefined || value === null) return []
    if (typeof value !== 'object') return [[name, String(value)]]
    if (value instanceof Date) return [[name, value.toISOString()]]
    if (path !== '' || !Array.isArray(value) || value.some(isObject))
      return flatten(value, name, depth + 1)
    return flatten(value).map(([, text]) => [`${name}[]`, text])
  })
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
