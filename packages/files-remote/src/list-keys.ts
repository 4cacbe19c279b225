import { parsePrefix } from './parse-key.ts'
import { throwIfAborted } from './storage-errors.ts'
import type { ListEntry, ListRequest } from './storage-provider.ts'

/** Order of keys: that of their UTF-8 bytes, as S3 lists them (JavaScript compares UTF-16, which differs above U+FFFF). */
export function compareKeys(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

/** Checks a listing request and fills its defaults. */
export function checkList(request: ListRequest): {
  prefix: string
  delimiter: string
  startAfter: string
} {
  const { delimiter = '', startAfter = '' } = request
  if (typeof delimiter !== 'string')
    throw new TypeError(`delimiter must be a string, got ${typeof delimiter}.`)
  if (typeof startAfter !== 'string')
    throw new TypeError(`startAfter must be a string, got ${typeof startAfter}.`)
  return { prefix: parsePrefix(request.prefix), delimiter, startAfter }
}

/**
 * The listing of a set of keys: sorted, filtered, and folded at the delimiter. For adapters that know all keys.
 * `describe` answers `undefined` for a key that has vanished meanwhile.
 */
export async function* listKeys(
  keys: readonly string[],
  request: ListRequest,
  describe: (key: string) => ListEntry | undefined,
): AsyncGenerator<ListEntry> {
  const { prefix, delimiter, startAfter } = checkList(request)
  let lastFolded: string | undefined
  for (const key of keys.filter((key) => key.startsWith(prefix)).sort(compareKeys)) {
    throwIfAborted(request.signal)
    const folded = foldKey(key, prefix, delimiter)
    if (folded !== undefined) {
      if (folded === lastFolded || compareKeys(folded, startAfter) <= 0) continue
      lastFolded = folded
      yield { kind: 'prefix', prefix: folded }
      continue
    }
    if (compareKeys(key, startAfter) <= 0) continue
    const entry = describe(key)
    if (entry) yield entry
  }
}

/** The common prefix that a key disappears into, if it does. */
export function foldKey(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : key.slice(0, at + delimiter.length)
}
