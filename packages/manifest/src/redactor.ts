// Masks by value, not by place: every form in which a live secret may turn up is searched for, in one pass.
// A secret inside a longer base64 text (`user:secret`) has one of three alignments; all three are known.
import type { AppManifest, AuthValues } from './app-manifest.ts'
import { namesInUrls, requestCredentials } from './apply-auth.ts'
import { fieldsOf } from './credentials.ts'
import { encodeBase64 } from './template.ts'

/** Answers a copy in which secrets are masked; texts stay texts, objects keep their shape. */
export type Redactor = <T>(value: T) => T

/** What stands in place of a secret. */
export const REDACTED = '[redacted]'

/** Shorter values are masked by name only: as text they would hide half of every message. */
const MIN_SECRET_LENGTH = 4

/** Deep enough for any log record; below it a value is dropped rather than leaked. */
const MAX_DEPTH = 12

/** Tokens are secret under every manifest. */
const TOKEN_NAMES = ['access_token', 'refresh_token', 'id_token', 'client_secret'] as const

/** Headers that hold nothing else. */
const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization'] as const

/**
 * The names whose values are secret: every field, except one marked `secret: false` or used only inside
 * a URL, and the OAuth tokens.
 */
export function secretNames(manifest: AppManifest): string[] {
  const inUrls = namesInUrls(manifest)
  const secrets = fieldsOf(manifest).filter((field) => {
    if (field.secret !== undefined) return field.secret
    return field.mapping !== undefined || field.type === 'password' || !inUrls.has(field.name)
  })
  return [...new Set([...secrets.map(({ name }) => name), ...TOKEN_NAMES])]
}

/**
 * Makes a redactor for one account: knows its live values as they are, percent-encoded, in base64 and in
 * the headers that `applyAuth` makes of them. Handles texts, URLs, plain objects, arrays and errors with
 * their causes; anything cyclic is cut.
 */
export function createRedactor(manifest: AppManifest, auth: AuthValues): Redactor {
  const names = new Set(secretNames(manifest))
  const values = [...names].map((name) => (Object.hasOwn(auth, name) ? auth[name] : undefined))
  const secrets = values.filter((value): value is string => typeof value === 'string')
  const mapped = fieldsOf(manifest).flatMap(({ mapping, name }) =>
    names.has(name) && mapping ? [mapping] : [],
  )
  const keys = new Set([...names, ...mapped, ...CREDENTIAL_HEADERS].map((key) => key.toLowerCase()))
  const parameters = parameterPattern([...keys])
  const forms = allForms([...secrets, ...headerSecrets(manifest, auth)])
  const maskText = (text: string) =>
    forms
      .reduce((masked, form) => masked.replaceAll(form, REDACTED), text)
      .replace(parameters, `$1${REDACTED}`)
  return <T>(value: T) => maskValue(value, { maskText, keys, seen: new Map() }, 0) as T
}

interface Masking {
  maskText: (text: string) => string
  keys: ReadonlySet<string>
  seen: Map<object, unknown>
}

function maskValue(value: unknown, masking: Masking, depth: number): unknown {
  if (typeof value === 'string') return masking.maskText(value)
  if (typeof value !== 'object' || value === null) return value
  const known = masking.seen.get(value)
  if (known !== undefined) return known
  if (depth >= MAX_DEPTH) return REDACTED
  if (value instanceof Error) return maskError(value, masking, depth)
  if (value instanceof URL) return new URL(masking.maskText(value.href))
  if (value instanceof Date) return value
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    masking.seen.set(value, copy)
    for (const item of value) copy.push(maskValue(item, masking, depth + 1))
    return copy
  }
  return maskObject(value, masking, depth)
}

function maskObject(value: object, masking: Masking, depth: number): unknown {
  const copy: Record<string, unknown> = {}
  masking.seen.set(value, copy)
  const entries =
    value instanceof Map || value instanceof Headers ? [...value] : Object.entries(value)
  for (const [name, item] of entries) {
    const key = masking.maskText(String(name))
    const isSecret = typeof item === 'string' && masking.keys.has(String(name).toLowerCase())
    Object.defineProperty(copy, key, {
      value: isSecret && item !== '' ? REDACTED : maskValue(item, masking, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return copy
}

/** A copy with the same prototype: name, kind and `instanceof` stay. */
function maskError(error: Error, masking: Masking, depth: number): Error {
  const copy = Object.create(Object.getPrototypeOf(error)) as Error
  masking.seen.set(error, copy)
  for (const key of Reflect.ownKeys(error)) {
    const descriptor = Object.getOwnPropertyDescriptor(error, key)
    if (!descriptor) continue
    const value = 'value' in descriptor ? descriptor.value : Reflect.get(error, key)
    Object.defineProperty(copy, key, {
      value: typeof value === 'function' ? value : maskValue(value, masking, depth + 1),
      enumerable: descriptor.enumerable ?? false,
      configurable: true,
      writable: true,
    })
  }
  return copy
}

function headerSecrets(manifest: AppManifest, auth: AuthValues): string[] {
  try {
    return requestCredentials(manifest, auth).headers.map(([, value]) => value.replace(/^\S+ /, ''))
  } catch {
    return [] // incomplete credentials make no headers
  }
}

/** A query parameter of a secret name, whatever its value: it may be an older secret than the one known. */
function parameterPattern(keys: readonly string[]): RegExp {
  const plain = keys
    .filter((key) => /^[\w.-]{1,100}$/.test(key))
    .map((key) => key.replaceAll('.', '\\.'))
  return new RegExp(`([?&](?:${plain.join('|')})=)[^&#\\s"'<>]+`, 'gi')
}

/** Longest first, so that a form inside another one leaves nothing of it behind. */
function allForms(secrets: readonly string[]): string[] {
  const long = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH)
  return [...new Set(long.flatMap(secretForms))].sort((a, b) => b.length - a.length)
}

function secretForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const percent = encodeURIComponentSafely(secret)
  const form = new URLSearchParams([['', secret]]).toString().slice(1)
  const lowerPercent = percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  const plain = [secret, json, percent, form, lowerPercent, encodeURIComponentSafely(percent)]
  return [...plain, ...base64Forms(secret)].filter(({ length }) => length >= MIN_SECRET_LENGTH)
}

function base64Forms(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret).length
  const forms = [encodeBase64(secret)]
  for (const lead of [0, 1, 2]) {
    const encoded = encodeBase64('\0'.repeat(lead) + secret)
    // Only characters that hold nothing but bits of the secret are the same in every surrounding text.
    const stable = encoded.slice(Math.ceil((lead * 8) / 6), Math.floor(((lead + bytes) * 8) / 6))
    if (stable.length >= MIN_SECRET_LENGTH * 2) forms.push(stable)
  }
  return forms.flatMap((text) => {
    const urlSafe = text.replaceAll('+', '-').replaceAll('/', '_')
    return [text, urlSafe, text.replace(/=+$/, ''), encodeURIComponent(text)]
  })
}

/** Lone surrogates make `encodeURIComponent` throw; such a value never fits into a URL either. */
function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(text)))
}
