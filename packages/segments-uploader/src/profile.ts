import { PermanentError } from '@mortise/errors'
import { SEGMENTS_CODES } from './segments-errors.ts'

/** A profile as it is written: what stands in the file for one event. */
export interface Profile {
  readonly id: string | number | boolean
  readonly segments: readonly unknown[]
}

/** One element of the daily list, ready to be written. */
export interface Entry {
  /** The id as JSON text: `1` and `"1"` are two ids. */
  readonly id: string
  readonly bytes: Buffer
  /** What it is counted by; absent when it is counted as often as it is sent. */
  readonly ledgerKey?: string | undefined
  /** Of several entries that came together and are counted together. */
  readonly group?: string | undefined
}

export interface ProfileOptions {
  idField: string
  mode: 'append' | 'upsert'
  maxEntryBytes: number
  toEntry?: ((profile: Profile, payload: unknown) => object) | undefined
}

// `JSON.stringify` escapes only those; behind an escaped backslash stands text that looks like one.
const ESCAPED_SURROGATES = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g

/**
 * Reads the id and the segments out of a payload and writes the file's element for them.
 * @throws {PermanentError} SEGMENTS_ID_MISSING when `traits` has no such field, or it is null or empty
 * @throws {PermanentError} SEGMENTS_ID_INVALID when it is not a string, a finite number or a boolean
 * @throws {PermanentError} SEGMENTS_SEGMENTS_INVALID when `segments` cannot be written as a JSON array
 * @throws {PermanentError} SEGMENTS_ENTRY_TOO_LARGE
 */
export function encodeProfile(payload: unknown, options: ProfileOptions): Entry {
  const profile = { id: readId(payload, options.idField), segments: readSegments(payload) }
  const id = JSON.stringify(profile.id)
  const text = options.toEntry
    ? writeEntry(options.toEntry(profile, payload), profile.id, options)
    : `{${JSON.stringify(options.idField)}:${id},"segments":${toJson(profile.segments, 'payload.segments', '[')}}`
  const bytes = Buffer.from(text)
  if (bytes.length > options.maxEntryBytes) {
    throw refuse(
      'entryTooLarge',
      `The profile takes ${bytes.length} bytes, more than maxEntryBytes (${options.maxEntryBytes})`,
    )
  }
  return { id, bytes }
}

function readId(payload: unknown, idField: string): Profile['id'] {
  const traits = own(payload, 'traits')
  const id = own(traits, idField)
  if (id === undefined || id === null || id === '') {
    throw refuse('idMissing', `Could not find payload.traits.${idField}`)
  }
  if (isId(id)) return id
  const received = typeof id === 'string' ? 'a string that is not valid Unicode' : kindOf(id)
  throw refuse(
    'idInvalid',
    `payload.traits.${idField} is ${received}; give a string, a finite number or a boolean`,
  )
}

export function isId(value: unknown): value is Profile['id'] {
  if (typeof value === 'string') return value !== '' && value.isWellFormed()
  return typeof value === 'boolean' || Number.isFinite(value)
}

function readSegments(payload: unknown): readonly unknown[] {
  const segments = own(payload, 'segments')
  if (segments === undefined || segments === null) return []
  if (Array.isArray(segments)) return segments
  if (typeof segments === 'string') return [segments]
  throw refuse(
    'segmentsInvalid',
    `payload.segments is ${kindOf(segments)}; give an array, one string, or nothing`,
  )
}

/** An entry of the caller's own shape. In an `upsert` file it is found again by its id. */
function writeEntry(entry: object, id: Profile['id'], { mode, idField }: ProfileOptions): string {
  const text = toJson(entry, 'what toEntry returned', '{')
  if (mode !== 'upsert' || own(JSON.parse(text), idField) === id) return text
  throw refuse(
    'segmentsInvalid',
    `what toEntry returned does not have the id as its ${idField}, which mode 'upsert' finds it by`,
  )
}

/** The JSON text of a list or of an object, whatever a `toJSON` makes of it. */
function toJson(value: unknown, name: string, begin: '[' | '{'): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
    // `\ud800` alone is accepted by some parsers and refused by others; the file is for all of them.
    if (text?.includes('\\ud')) text = wellFormed(text)
  } catch (cause) {
    throw refuse('segmentsInvalid', `${name} cannot be written as JSON`, cause)
  }
  if (text?.startsWith(begin)) return text
  const kind = begin === '[' ? 'array' : 'object'
  throw refuse('segmentsInvalid', `${name} cannot be written as a JSON ${kind}`)
}

/** Parsed and written again, since two names in one object may have become the same. */
function wellFormed(json: string): string {
  return JSON.stringify(JSON.parse(json.replace(ESCAPED_SURROGATES, '$1\uFFFD')))
}

/** A field of the value itself, whatever its prototype has. */
export function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `of type ${typeof value}`
}

function refuse(
  code: 'idMissing' | 'idInvalid' | 'segmentsInvalid' | 'entryTooLarge',
  message: string,
  cause?: unknown,
): PermanentError {
  return new PermanentError(message, {
    code: SEGMENTS_CODES[code],
    outcome: 'not_sent',
    ...(cause !== undefined && { cause }),
  })
}
