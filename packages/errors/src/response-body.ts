import { isObject, read, readPath } from './safe-read.ts'

/** What an error body says, in whichever of the usual shapes it came. */
export interface BodyReport {
  /** The parsed JSON, if it was JSON. */
  json?: unknown
  /** The sentence meant for people. */
  message?: string | undefined
  /** The provider's own name for the failure. */
  providerCode?: string | number | undefined
  requestId?: string | undefined
}

/** Error bodies are small; a larger one is not an answer but a download. */
const MAX_BODY_LENGTH = 256 * 1024

/** Where people put the sentence: RFC 9457, OAuth, then by custom. */
const MESSAGE_PATHS = [
  'detail',
  'error_description',
  'error.message',
  'error.error.message',
  'message',
  'errors.0.detail',
  'errors.0.message',
  'errors.0.title',
  'errors.0',
  'errors.base.0',
  'errors',
  'non_field_errors.0',
  '0.message',
  'fault.faultstring',
  'errorMessage',
  'error_message',
  'description',
  'Message',
  'msg',
  'title',
  'error',
]
const CODE_PATHS = [
  'error.code',
  'error.type',
  'error.status',
  'errors.0.code',
  '0.errorCode',
  'errorCode',
  'error_code',
  'code',
  'Code',
  'error',
  'type',
]
const REQUEST_ID_PATHS = [
  'request_id',
  'requestId',
  'RequestId',
  'error.request_id',
  'error.fbtrace_id',
]

/** Reads a body that is already in memory: text, bytes or parsed JSON. Streams are left alone. Never throws. */
export function readBody(body: unknown): BodyReport {
  if (typeof body === 'string') return readText(body)
  if (isBytes(body)) return body.byteLength > MAX_BODY_LENGTH ? {} : readText(decode(body))
  if (!isObject(body) || isStream(body)) return {}
  return readJson(body)
}

function readText(text: string): BodyReport {
  if (text.length > MAX_BODY_LENGTH) return {}
  const trimmed = text.trim()
  if (trimmed.startsWith('<')) return readMarkup(trimmed)
  if (!/^[{["]/.test(trimmed)) return { message: trimmed }
  try {
    return readJson(JSON.parse(trimmed))
  } catch {
    return { message: trimmed }
  }
}

function readJson(json: unknown): BodyReport {
  if (typeof json === 'string') return { json, message: json }
  return {
    json,
    message: first(json, MESSAGE_PATHS, isText),
    providerCode: first(json, CODE_PATHS, isCode),
    requestId: first(json, REQUEST_ID_PATHS, isCode)?.toString(),
  }
}

/** XML of the S3 family, and the title of an HTML page. */
function readMarkup(text: string): BodyReport {
  const element = (name: string) =>
    new RegExp(`<${name}>([^<]{1,1000})</${name}>`, 'i').exec(text)?.[1]?.trim()
  return {
    message: element('Message') ?? element('faultstring') ?? element('title'),
    providerCode: element('Code') ?? element('faultcode'),
    requestId: element('RequestId'),
  }
}

function first<T>(
  json: unknown,
  paths: readonly string[],
  accepts: (value: unknown) => value is T,
): T | undefined {
  for (const path of paths) {
    const value = readPath(json, path)
    if (accepts(value)) return value
  }
  return undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** A code is a number or one word; sentences and addresses are something else. */
function isCode(value: unknown): value is string | number {
  return (
    typeof value === 'number' || (typeof value === 'string' && /^[\w.:/#-]{1,100}$/.test(value))
  )
}

/** Also an `ArrayBuffer` of another realm. */
function isBytes(body: unknown): body is ArrayBufferView | ArrayBuffer {
  try {
    return (
      ArrayBuffer.isView(body) || Object.prototype.toString.call(body) === '[object ArrayBuffer]'
    )
  } catch {
    return false
  }
}

function isStream(body: object): boolean {
  return (
    typeof read(body, 'getReader') === 'function' ||
    typeof read(body, 'pipe') === 'function' ||
    typeof read(body, Symbol.asyncIterator) === 'function'
  )
}

function decode(bytes: ArrayBufferView | ArrayBuffer): string {
  try {
    return new TextDecoder().decode(bytes as Uint8Array)
  } catch {
    return ''
  }
}
