import { startReport } from './call-report.ts'
import type { HookCall } from './hook-call.ts'
import type { HookResult } from './hook-result.ts'

// Not imported: an import of a module of Node's reads each of its exports, and those of `node:buffer` load streams
// and workers, which costs a cold start several milliseconds.
const { isUtf8 } = process.getBuiltinModule('node:buffer')

/** The call in a JSON body, or the answer to an unreadable one. */
export type ParsedCall =
  | { readonly ok: true; readonly call: HookCall }
  | { readonly ok: false; readonly result: HookResult }

/** Reads the bytes of a JSON body. Keys like `__proto__` stay inert data: nothing is merged. Never throws. */
export function parseCall(body: Uint8Array): ParsedCall {
  if (!isUtf8(body)) return refuse('The request body is not UTF-8 text.')
  let call: unknown
  try {
    call = JSON.parse(toText(body))
  } catch {
    return refuse('The request body is not JSON.')
  }
  if (typeof call !== 'object' || call === null || Array.isArray(call)) {
    return refuse('The request body must be a JSON object.')
  }
  return { ok: true, call }
}

function toText(body: Uint8Array): string {
  const buffer = Buffer.isBuffer(body)
    ? body
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const text = buffer.toString('utf8')
  // A byte order mark is not JSON, but some senders write it.
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

function refuse(message: string): ParsedCall {
  const code = 'invalid_body'
  const report = { ...startReport({}), status: 400, code }
  return { ok: false, result: { ok: false, status: 400, errors: [{ code, message }], report } }
}
