import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { isIntegrationError } from '@mortise/errors'
import { contentDisposition } from './content-disposition.ts'
import { parseHttpRange } from './parse-http-range.ts'
import {
  checkSignedUrlOptions,
  type SignedGrant,
  type SignedUrlOptions,
  verifySignedUrl,
} from './signed-urls.ts'
import { storageError } from './storage-errors.ts'
import type { GetResult, StorageProvider } from './storage-provider.ts'

/** What a form has besides its file: boundaries, names, the fields. */
const FORM_OVERHEAD_BYTES = 64 * 1024

/**
 * Answers the addresses that `signUrl` of a provider with `signedUrls` made: GET and HEAD with ranges and
 * conditions, PUT, and the form of POST. Everything not signed, changed or expired gets 403. Mount it where
 * `baseUrl` points to; it takes a `Request` and gives a `Response`, and never throws.
 */
export function createSignedUrlHandler(
  provider: StorageProvider,
  options: SignedUrlOptions,
): (request: Request) => Promise<Response> {
  checkSignedUrlOptions(options)
  return async (request) => {
    try {
      const grant = verifySignedUrl(options, request.url)
      if (!grant || !permits(grant, request.method))
        return answer(403, 'The address is not valid, or has expired.')
      if (grant.method === 'GET') return await read(provider, grant, request)
      return grant.method === 'PUT'
        ? await write(provider, grant, request)
        : await writeForm(provider, grant, request)
    } catch (error) {
      return failure(error)
    }
  }
}

function permits({ method }: SignedGrant, asked: string): boolean {
  return asked === method || (asked === 'HEAD' && method === 'GET')
}

async function read(
  provider: StorageProvider,
  grant: SignedGrant,
  request: Request,
): Promise<Response> {
  const { key } = grant
  const stat = await provider.stat({ key, signal: request.signal })
  if (!stat) return answer(404, 'There is no such file.')
  const isCurrent = request.headers.get('if-none-match')?.includes(`"${stat.etag}"`)
  if (isCurrent) return new Response(null, { status: 304, headers: { etag: `"${stat.etag}"` } })
  const range = rangeOf(request, stat)
  if (range === 'unsatisfiable') {
    return new Response(null, {
      status: 416,
      headers: { 'content-range': `bytes */${stat.sizeBytes}` },
    })
  }
  const length = range ? range.end + 1 - range.start : stat.sizeBytes
  const headers = {
    ...headersOf(stat, grant),
    'content-length': String(length),
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${stat.sizeBytes}` }),
  }
  const status = range ? 206 : 200
  if (request.method === 'HEAD') return new Response(null, { status, headers })
  const { body } = await provider.get({ key, range, ifMatch: stat.etag, signal: request.signal })
  return new Response(Readable.toWeb(body) as unknown as ReadableStream, { status, headers })
}

/** A range counts only for the version that the client has begun with. */
function rangeOf(request: Request, { etag, sizeBytes }: { etag: string; sizeBytes: number }) {
  const ifRange = request.headers.get('if-range')
  if (ifRange !== null && ifRange !== `"${etag}"`) return undefined
  return parseHttpRange(request.headers.get('range'), sizeBytes)
}

/** The file is somebody's upload: no browser may take it for a page of this site. */
function headersOf(
  stat: Omit<GetResult, 'body'>,
  { downloadName }: SignedGrant,
): Record<string, string> {
  return {
    'content-type': stat.mediaType ?? 'application/octet-stream',
    etag: `"${stat.etag}"`,
    'accept-ranges': 'bytes',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    ...(stat.lastModified && { 'last-modified': stat.lastModified.toUTCString() }),
    ...(downloadName !== undefined && { 'content-disposition': contentDisposition(downloadName) }),
  }
}

async function write(
  provider: StorageProvider,
  grant: SignedGrant,
  request: Request,
): Promise<Response> {
  const { key, mediaType, sizeBytes } = grant
  if (request.headers.get('content-type') !== mediaType)
    return answer(403, `The content-type must be ${mediaType}.`)
  const announced = request.headers.get('content-length')
  if (sizeBytes !== undefined && announced !== null && Number(announced) !== sizeBytes) {
    return answer(403, `The content-length must be ${sizeBytes}.`)
  }
  const { etag } = await provider.put({
    key,
    body: bodyOf(request),
    mediaType,
    sizeBytes,
    signal: request.signal,
  })
  return new Response(null, { status: 200, headers: { etag: `"${etag}"` } })
}

async function writeForm(
  provider: StorageProvider,
  grant: SignedGrant,
  request: Request,
): Promise<Response> {
  const { key, mediaType, minBytes, maxBytes } = grant
  const form = await new Response(atMost(bodyOf(request), maxBytes + FORM_OVERHEAD_BYTES), {
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
  }).formData()
  const file = form.get('file')
  if (!(file instanceof Blob)) return answer(400, 'The form has no field "file".')
  if (file.size < minBytes || file.size > maxBytes) {
    return answer(
      400,
      `The file has ${file.size} bytes; from ${minBytes} to ${maxBytes} are accepted.`,
    )
  }
  if (form.get('Content-Type') !== mediaType)
    return answer(403, `The field Content-Type must be ${mediaType}.`)
  const body = new Uint8Array(await file.arrayBuffer())
  const { etag } = await provider.put({
    key,
    body,
    mediaType,
    signal: request.signal,
  })
  return new Response(null, { status: 204, headers: { etag: `"${etag}"` } })
}

function bodyOf(request: Request): Readable {
  return request.body
    ? Readable.fromWeb(request.body as unknown as NodeReadableStream)
    : Readable.from([])
}

/** A body that breaks off above the limit, so that a form cannot fill the memory. */
function atMost(body: Readable, limit: number): ReadableStream {
  let count = 0
  const limited = async function* () {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      count += chunk.byteLength
      if (count > limit)
        throw storageError('FILES_REMOTE_SIZE_LIMIT_EXCEEDED', 'The form is too large.', {
          status: 413,
        })
      yield chunk
    }
  }
  return Readable.toWeb(Readable.from(limited())) as unknown as ReadableStream
}

function failure(error: unknown): Response {
  if (error instanceof TypeError) {
    const cause = isIntegrationError(error.cause) ? error.cause : undefined
    return cause ? failure(cause) : answer(400, 'The request is not well-formed.')
  }
  if (!isIntegrationError(error)) return answer(500, 'The storage failed.')
  const { code, status } = error
  if (code === 'FILES_REMOTE_SIZE_MISMATCH')
    return answer(400, 'The body is not as long as it was signed to be.')
  if (status !== undefined && status >= 400 && status < 500)
    return answer(status, STATUS_TEXTS[status] ?? 'Refused.')
  return answer(error.retryable ? 503 : 500, 'The storage failed.')
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  404: 'There is no such file.',
  412: 'The file has changed meanwhile.',
  413: 'The form is too large.',
}

function answer(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  })
}
