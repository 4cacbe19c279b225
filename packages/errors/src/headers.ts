import { isObject, keysOf, read } from './safe-read.ts'

/**
 * Headers of any client: a fetch `Headers` or an axios `AxiosHeaders` (anything with `get(name)`), a plain object
 * with names in any case, a `Map`, or a list of pairs.
 */
export type HeadersInput =
  | { get: (name: string) => unknown }
  | { readonly [name: string]: unknown }
  | Iterable<readonly [string, unknown]>

/** No honest hint is longer; a longer value is ignored rather than scanned. */
const MAX_VALUE_LENGTH = 4096

/** Every value of a header, name in any case; none when it is absent or cannot be read. */
export function readHeader(headers: unknown, name: string): string[] {
  try {
    return values(find(headers, name))
  } catch {
    return []
  }
}

/** The first value of a header. */
export function firstHeader(headers: unknown, name: string): string | undefined {
  return readHeader(headers, name)[0]
}

function find(headers: unknown, name: string): unknown {
  if (!isObject(headers)) return undefined
  const wanted = name.toLowerCase()
  const entries = headers as Iterable<readonly [unknown, unknown]>
  const iterable = typeof read(headers, Symbol.iterator) === 'function'
  if (!(headers instanceof Map) && typeof read(headers, 'get') === 'function') {
    return (headers as { get: (name: string) => unknown }).get(wanted)
  }
  if (iterable) {
    const found: unknown[] = []
    for (const [key, value] of entries) if (sameName(key, wanted)) found.push(value)
    return found
  }
  const direct = read(headers, wanted)
  if (direct !== undefined) return direct
  const key = keysOf(headers).find((candidate) => sameName(candidate, wanted))
  return key === undefined ? undefined : read(headers, key)
}

function sameName(candidate: unknown, wanted: string): boolean {
  return typeof candidate === 'string' && candidate.toLowerCase() === wanted
}

function values(found: unknown): string[] {
  const list = Array.isArray(found) ? found.flat() : [found]
  return list
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map((value) => String(value).trim())
    .filter((value) => value !== '' && value.length <= MAX_VALUE_LENGTH)
}
