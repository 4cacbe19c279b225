/** What stands in place of a secret. */
export const REDACTED = '[redacted]'

/** Deep enough for any log record; below it a value is dropped rather than leaked. */
const MAX_DEPTH = 12

/** What stands in place of a value that cannot be looked at: a getter or a Proxy that throws. */
const UNREADABLE = '[unreadable]'

/** What to hide: in texts, and under which names whatever stands there. */
export interface Masking {
  maskText: (text: string) => string
  /** In lower case. */
  keys: ReadonlySet<string>
}

interface Walk extends Masking {
  seen: Map<object, unknown>
}

/** A copy of any value with its secrets masked. Never throws; cycles stay cycles. */
export function maskValue(value: unknown, masking: Masking): unknown {
  return mask(value, { ...masking, seen: new Map() }, 0)
}

function mask(value: unknown, walk: Walk, depth: number): unknown {
  if (typeof value === 'string') return walk.maskText(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'symbol') {
    const text = String(value)
    return walk.maskText(text) === text ? value : REDACTED
  }
  if (typeof value !== 'object' || value === null) return value
  const known = walk.seen.get(value)
  if (known !== undefined) return known
  if (depth >= MAX_DEPTH) return REDACTED
  try {
    return maskObject(value, walk, depth)
  } catch {
    return UNREADABLE
  }
}

function maskObject(value: object, walk: Walk, depth: number): unknown {
  if (isError(value)) return maskError(value, walk, depth)
  if (value instanceof Date) return value
  if (value instanceof URL) {
    const text = walk.maskText(value.href)
    return URL.canParse(text) ? new URL(text) : text
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value) || value instanceof Set) {
    const copy: unknown[] = []
    walk.seen.set(value, copy)
    for (const item of value) copy.push(mask(item, walk, depth + 1))
    return copy
  }
  return maskEntries(value, walk, depth)
}

function maskEntries(value: object, walk: Walk, depth: number): unknown {
  const copy: Record<string, unknown> = {}
  walk.seen.set(value, copy)
  const isMap = value instanceof Map || value instanceof Headers || value instanceof URLSearchParams
  const entries = isMap ? [...value] : Object.keys(value).map((key) => [key, undefined] as const)
  for (const [name, entry] of entries) {
    const key = String(name)
    const item = isMap ? entry : read(value, key)
    const isSecret = walk.keys.has(key.toLowerCase()) && mayBeSecret(item)
    define(copy, walk.maskText(key), isSecret ? REDACTED : mask(item, walk, depth + 1))
  }
  return copy
}

/** What a secret's name says of a switch or an empty place is no secret. */
function mayBeSecret(item: unknown): boolean {
  return item !== undefined && item !== null && item !== '' && typeof item !== 'boolean'
}

/** A copy with the same prototype: name, kind and `instanceof` stay. */
function maskError(error: Error, walk: Walk, depth: number): Error {
  const copy = Object.create(Object.getPrototypeOf(error)) as Error
  walk.seen.set(error, copy)
  // A DOMException has its texts in private places that a copy does not get.
  for (const key of ['name', 'message', 'code']) {
    if (!Object.hasOwn(error, key) && read(error, key) !== undefined)
      define(copy, key, mask(read(error, key), walk, depth + 1), false)
  }
  for (const key of Reflect.ownKeys(error)) {
    const value = read(error, key)
    const isEnumerable = Object.getOwnPropertyDescriptor(error, key)?.enumerable ?? false
    const isSecret =
      typeof key === 'string' && walk.keys.has(key.toLowerCase()) && mayBeSecret(value)
    define(copy, key, isSecret ? REDACTED : mask(value, walk, depth + 1), isEnumerable)
  }
  return copy
}

/** Also of another realm. */
function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

function read(value: object, key: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown>)[key]
  } catch {
    return UNREADABLE
  }
}

/** Assigning `__proto__` would change the prototype instead. */
function define(target: object, key: PropertyKey, value: unknown, enumerable = true): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true })
}
