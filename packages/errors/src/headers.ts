import { isObject, keysOf, read } from './safe-read.ts'

/**
 * Headers of any client: a fetch `Headers` or an axios `AxiosHeaders` (anything with `get(name)`), a plain object
 * with names in any case, a `Map`, or a list of pairs.
 */
export type HeadersInput =
  | { get: (name: string) => unknown }
  | { readonly [name: string]: unknown }
  | Iterable<readonly [string, unknown]>

/** Every value of the header with this lower-case name; none when it is absent or cannot be read. */
export type HeaderReader = (name: string) => readonly string[]

/** No honest hint is longer; a longer value is ignored rather than scanned. */
const MAX_VALUE_LENGTH = 4096

/** No server sends more, and an iterable may have no end. */
const MAX_HEADERS = 2000

/** A header that comes more often than that repeats itself. */
const MAX_VALUES = 20

const NONE: readonly string[] = []

/** Looks the headers through once, however many are asked for afterwards. Neither step ever throws. */
export function headerReader(headers: unknown): HeaderReader {
  if (!isObject(headers)) return () => NONE
  const get = read(headers, 'get')
  // A Map has `get` too, but knows names in one case only.
  if (typeof get === 'function' && typeof read(headers, 'size') !== 'number') {
    return (name) => values(call(headers, get as Getter, name))
  }
  const byName = index(headers)
  return (name) => values(byName.get(name))
}

function index(headers: object): Map<string, unknown> {
  const byName = new Map<string, unknown>()
  try {
    let left = MAX_HEADERS
    for (const [name, value] of entriesOf(headers)) {
      if (left-- <= 0) break
      if (typeof name !== 'string') continue
      const key = name.toLowerCase()
      const earlier = byName.get(key)
      byName.set(key, earlier === undefined ? value : [earlier, value].flat())
    }
  } catch {
    // What was read until here counts.
  }
  return byName
}

function entriesOf(headers: object): Iterable<readonly [unknown, unknown]> {
  return typeof read(headers, Symbol.iterator) === 'function'
    ? (headers as Iterable<readonly [unknown, unknown]>)
    : keysOf(headers).map((name) => [name, read(headers, name)] as const)
}

type Getter = (name: string) => unknown

function call(headers: object, get: Getter, name: string): unknown {
  try {
    return get.call(headers, name)
  } catch {
    return undefined
  }
}

function values(found: unknown): readonly string[] {
  if (found === undefined || found === null) return NONE
  try {
    return (Array.isArray(found) ? found.slice(0, MAX_VALUES).flat().slice(0, MAX_VALUES) : [found])
      .filter((value) => typeof value === 'string' || typeof value === 'number')
      .map((value) => String(value).trim())
      .filter((value) => value !== '' && value.length <= MAX_VALUE_LENGTH)
  } catch {
    return NONE
  }
}
