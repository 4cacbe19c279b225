// Whatever was thrown may be a Proxy or carry getters that throw. Nothing here ever does.

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** A property, or `undefined` when reading it throws. */
export function read(value: unknown, key: PropertyKey): unknown {
  if (!isObject(value)) return undefined
  try {
    return (value as Record<PropertyKey, unknown>)[key]
  } catch {
    return undefined
  }
}

export function readString(value: unknown, key: PropertyKey): string | undefined {
  const found = read(value, key)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** What `String` makes of a value; empty when it cannot be made a text. */
export function asText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}

/** The first `limit` entries of an array property; a Proxy that cannot be read is none. */
export function readArray(
  value: unknown,
  key: PropertyKey,
  limit: number,
): readonly unknown[] | undefined {
  const found = read(value, key)
  try {
    if (!Array.isArray(found)) return undefined
    return Array.from({ length: Math.min(found.length, limit) }, (_, index) => found[index])
  } catch {
    return undefined
  }
}

/** The value at a dotted path (`error.errors.0.code`), own properties only. */
export function readPath(value: unknown, path: string): unknown {
  let current = value
  for (const key of path.split('.')) {
    if (!hasOwn(current, key)) return undefined
    current = read(current, key)
  }
  return current
}

/** The own enumerable keys, or none when they cannot be listed. */
export function keysOf(value: object): string[] {
  try {
    return Object.keys(value)
  } catch {
    return []
  }
}

/** Whether `instanceof Error` holds or the value looks like an error of another realm. */
export function isErrorLike(value: unknown): value is object {
  return isObject(value) && typeof read(value, 'message') === 'string'
}

function hasOwn(value: unknown, key: string): boolean {
  try {
    return isObject(value) && Object.hasOwn(value, key)
  } catch {
    return false
  }
}
