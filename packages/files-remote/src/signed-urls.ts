import { createHmac, timingSafeEqual } from 'node:crypto'
import { checkSignUrl, DEFAULT_MEDIA_TYPE, mediaTypeOf } from './check-request.ts'
import type { SignedMethod, SignedUrl, SignUrlRequest } from './sign-request.ts'
import { unsupported } from './storage-errors.ts'

/*
 * Addresses for providers that have no server of their own: `<baseUrl>/<key>?method=…&expires=…&…&signature=…`.
 * The signature is an HMAC over the method, the key and every other parameter, so none can be changed, left
 * out or added; the handler needs the secret and nothing else.
 */

/** How addresses of a provider without a server are made. Give the same to `createSignedUrlHandler`. */
export interface SignedUrlOptions {
  /** Where the handler answers, such as `https://files.example.com/signed`. */
  readonly baseUrl: string
  /** At least {@link MIN_SECRET_BYTES} bytes that nobody else knows; the same in every process. */
  readonly secret: string
  /** The clock, in milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** What a valid signature permits. */
export interface SignedGrant {
  readonly method: SignedMethod
  readonly key: string
  readonly downloadName: string | undefined
  readonly mediaType: string
  readonly sizeBytes: number | undefined
  readonly minBytes: number
  readonly maxBytes: number
}

/** 128 bits: what an HMAC needs for nobody to try all secrets. */
export const MIN_SECRET_BYTES = 16

/**
 * Checks the options once.
 * @throws {TypeError} when the address is none or the secret is too short
 */
export function checkSignedUrlOptions({ baseUrl, secret }: SignedUrlOptions): void {
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) {
    throw new TypeError(
      `signedUrls.baseUrl must be an http(s) URL, got ${JSON.stringify(baseUrl)}.`,
    )
  }
  if (typeof secret !== 'string' || Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
    throw new TypeError(`signedUrls.secret must be a string of at least ${MIN_SECRET_BYTES} bytes.`)
  }
}

/** The `signUrl` of a provider with such addresses, or the refusal of one without. */
export function urlSigner(
  options: SignedUrlOptions | undefined,
): (request: SignUrlRequest) => Promise<SignedUrl> {
  if (options === undefined) {
    return async () => {
      throw unsupported('signUrl', 'give signedUrls to its factory.')
    }
  }
  checkSignedUrlOptions(options)
  return async (request) => sign(options, request)
}

function sign(options: SignedUrlOptions, request: SignUrlRequest): SignedUrl {
  const { expiresInSeconds } = checkSignUrl(request)
  const now = options.now ?? Date.now
  const expires = Math.floor(now() / 1000) + expiresInSeconds
  const query = new URLSearchParams({ method: request.method, expires: String(expires) })
  for (const [name, value] of Object.entries(limitsOf(request))) {
    if (value !== undefined) query.set(name, String(value))
  }
  query.set('signature', signatureOf(options.secret, request.key, query).toString('base64url'))
  const path = request.key.split('/').map(encodeURIComponent).join('/')
  return {
    method: request.method,
    url: `${options.baseUrl.replace(/\/+$/, '')}/${path}?${query}`,
    headers: request.method === 'PUT' ? { 'content-type': mediaTypeOf(request) } : {},
    fields: request.method === 'POST' ? { 'Content-Type': mediaTypeOf(request) } : {},
    expiresAt: new Date(expires * 1000),
  }
}

/** Reads an address; `undefined` when it was not signed with this secret, was changed, or has expired. */
export function verifySignedUrl(
  options: SignedUrlOptions,
  address: string,
): SignedGrant | undefined {
  const url = new URL(address)
  const base = new URL(options.baseUrl).pathname.replace(/\/+$/, '')
  if (!url.pathname.startsWith(`${base}/`)) return undefined
  const key = decode(url.pathname.slice(base.length + 1))
  const query = url.searchParams
  const given = Buffer.from(query.get('signature') ?? '', 'base64url')
  query.delete('signature')
  const now = options.now ?? Date.now
  if (key === undefined || !isSame(given, signatureOf(options.secret, key, query))) return undefined
  if (Number(query.get('expires')) * 1000 <= now()) return undefined
  return {
    method: query.get('method') as SignedMethod,
    key,
    downloadName: query.get('downloadName') ?? undefined,
    mediaType: query.get('mediaType') ?? DEFAULT_MEDIA_TYPE,
    sizeBytes: numberIn(query, 'sizeBytes'),
    minBytes: numberIn(query, 'minBytes') ?? 0,
    maxBytes: numberIn(query, 'maxBytes') ?? Number.POSITIVE_INFINITY,
  }
}

function limitsOf(request: SignUrlRequest): Record<string, string | number | undefined> {
  switch (request.method) {
    case 'GET':
      return { downloadName: request.downloadName }
    case 'PUT':
      return { mediaType: mediaTypeOf(request), sizeBytes: request.sizeBytes }
    case 'POST':
      return {
        mediaType: mediaTypeOf(request),
        minBytes: request.minBytes,
        maxBytes: request.maxBytes,
      }
  }
}

/** JSON keeps the parts apart whatever they contain; sorted, because only the set of parameters matters. */
function signatureOf(secret: string, key: string, query: URLSearchParams): Buffer {
  const parameters = [...query].sort(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify(['mortise-signed-url-1', key, parameters])
  return createHmac('sha256', secret).update(text).digest()
}

function isSame(given: Buffer, right: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right)
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  return value === null ? undefined : Number(value)
}

function decode(path: string): string | undefined {
  try {
    return path.split('/').map(decodeURIComponent).join('/')
  } catch {
    return undefined
  }
}
