import type { HookError } from './hook-error.ts'
import { findOffence, TOO_MANY_VALUES } from './plain-json.ts'

/** A result as JSON text, or why it cannot be one. */
export type EncodedResult =
  | { readonly ok: true; readonly json: string; readonly bytes: number }
  | { readonly ok: false; readonly error: HookError }

/** How a result is checked. */
export interface EncodeOptions {
  /** The most the JSON may take, in bytes of UTF-8. */
  readonly maxBytes: number
  /**
   * `strict` refuses what JSON would change silently, with its path, and writes an `undefined` result as `null`.
   * `lossy` is what the original host does: `NaN` becomes `null`, members vanish, `undefined` is an empty text.
   */
  readonly json: 'strict' | 'lossy'
}

/** Checks a result, then writes it once. Never throws. */
export function encodeResult(
  value: unknown,
  { maxBytes, json: mode }: EncodeOptions,
): EncodedResult {
  const lossy = mode === 'lossy'
  if (value === undefined) return { ok: true, json: lossy ? '' : 'null', bytes: lossy ? 0 : 4 }
  // Every value takes one byte and, all but the first, a separator: more values than bytes can never fit.
  const offence = findOffence(value, { lossy, maxValues: maxBytes + 1 })
  if (offence !== undefined) {
    return offence.reason === TOO_MANY_VALUES
      ? tooLarge(maxBytes)
      : notSerializable(lossy ? '' : `: ${offence.path} ${offence.reason}`)
  }
  let json: string
  try {
    json = JSON.stringify(value)
  } catch {
    return notSerializable('')
  }
  const bytes = Buffer.byteLength(json)
  return bytes > maxBytes ? tooLarge(maxBytes) : { ok: true, json, bytes }
}

function notSerializable(detail: string): EncodedResult {
  const message = `Extension response is not serializable${detail}.`
  return { ok: false, error: { code: 'invalid_extension_response', message } }
}

function tooLarge(maxBytes: number): EncodedResult {
  const message = `response stream exceeded limit of ${maxBytes} bytes.`
  return { ok: false, error: { code: 'response_size_exceeded', message } }
}
