import { isObject, keysOf, read } from './safe-read.ts'
import { maskCredentials, type Redact, redacted, truncate } from './safe-text.ts'

/** A value as JSON has them. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

const MAX_DEPTH = 6
const MAX_VALUES = 500
const MAX_STRING_LENGTH = 2000

interface Walk {
  redact: Redact | undefined
  path: Set<object>
  left: number
}

/**
 * A bounded copy that `JSON.stringify` takes without throwing: no cycles, no getters that throw, no foreign
 * `toJSON`. Returns `undefined` for what JSON has no word for (functions, symbols, `undefined`).
 */
export function toPlainJson(value: unknown, redact?: Redact | undefined): JsonValue | undefined {
  return copy(value, { redact, path: new Set(), left: MAX_VALUES })
}

function copy(value: unknown, walk: Walk): JsonValue | undefined {
  if (walk.left-- <= 0) return '[left out]'
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return text(value, walk)
  if (typeof value === 'number' || typeof value === 'bigint') return numeric(value, walk)
  if (typeof value !== 'object') return undefined
  if (walk.path.has(value)) return '[circular]'
  if (walk.path.size >= MAX_DEPTH) return '[left out]'
  walk.path.add(value)
  try {
    return copyObject(value, walk)
  } catch {
    return '[unreadable]'
  } finally {
    walk.path.delete(value)
  }
}

function copyObject(value: object, walk: Walk): JsonValue {
  if (Array.isArray(value)) {
    return value.slice(0, walk.left).map((item) => copy(item, walk) ?? null)
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (typeof URL === 'function' && value instanceof URL) {
    return text(maskCredentials(value.href), walk)
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (isError(value)) {
    return {
      name: text(String(read(value, 'name') ?? 'Error'), walk),
      message: text(maskCredentials(String(read(value, 'message'))), walk),
    }
  }
  const result: Record<string, JsonValue> = {}
  for (const key of keysOf(value)) {
    if (walk.left <= 0) break
    const item = copy(read(value, key), walk)
    // Assigning `__proto__` would change the prototype instead of adding a member.
    if (item !== undefined && key !== '__proto__') result[text(key, walk)] = item
  }
  return result
}

/** Also of another realm. What only looks like an error (an issue, a problem) is data. */
function isError(value: object): boolean {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

function text(value: string, walk: Walk): string {
  return truncate(redacted(value, walk.redact), MAX_STRING_LENGTH)
}

/** A number can be a secret too (a PIN): it stays a number only if the redactor leaves its digits alone. */
function numeric(value: number | bigint, walk: Walk): JsonValue {
  const digits = String(value)
  const safe = redacted(digits, walk.redact)
  if (typeof value === 'bigint' || safe !== digits) return safe
  return Number.isFinite(value) ? value : null
}

/** Whether a copied value is a JSON object. */
export function isJsonObject(
  value: JsonValue | undefined,
): value is { readonly [key: string]: JsonValue } {
  return isObject(value) && !Array.isArray(value)
}
