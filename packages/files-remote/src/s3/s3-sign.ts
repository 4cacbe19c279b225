import { GetObjectCommand, type GetObjectCommandInput, PutObjectCommand } from '@aws-sdk/client-s3'
import { checkSignUrl } from '../check-request.ts'
import { contentDisposition } from '../content-disposition.ts'
import { unsupported } from '../storage-errors.ts'
import type { SignedUrl, SignUrlRequest } from '../storage-provider.ts'
import { type S3Bucket, sendS3 } from './s3-bucket.ts'

/** A request of the SDK before it is signed. */
interface PlainRequest {
  method: string
  protocol: string
  hostname: string
  port?: number | undefined
  path: string
  query: Record<string, string | string[] | null>
  headers: Record<string, string>
}

/** Signs a request for somebody without credentials. Asks nobody: a signature is arithmetic. */
export async function signS3Url(bucket: S3Bucket, request: SignUrlRequest): Promise<SignedUrl> {
  const { expiresInSeconds } = checkSignUrl(request)
  const target = { Bucket: bucket.name, Key: request.key }
  if (request.method === 'POST') throw unsupported('signUrl POST', 'not yet.')
  const command =
    request.method === 'GET'
      ? new GetObjectCommand({ ...target, ...downloadName(request.downloadName) })
      : new PutObjectCommand({
          ...target,
          ContentType: request.mediaType,
          ContentLength: request.sizeBytes,
        })
  // One of two: the SDK gives each command its own overloads, the work on both is the same.
  return sendS3(() => presign(bucket, command as GetObjectCommand, expiresInSeconds), {
    key: request.key,
    bucket: bucket.name,
  })
}

function downloadName(name: string | undefined): Partial<GetObjectCommandInput> {
  return name === undefined ? {} : { ResponseContentDisposition: contentDisposition(name) }
}

async function presign(
  { client }: S3Bucket,
  command: GetObjectCommand,
  expiresIn: number,
): Promise<SignedUrl> {
  const plain = await requestOf(client, command)
  const signer = (await client.config.signer()) as unknown as {
    presign: (request: PlainRequest, options: object) => Promise<PlainRequest>
  }
  const signingDate = new Date(Date.now() + client.config.systemClockOffset)
  const signed = await signer.presign(plain, {
    expiresIn,
    signingDate,
    unhoistableHeaders: new Set(['content-type', 'content-length']),
    signableHeaders: new Set(['host', 'content-type', 'content-length']),
  })
  const { host: _, ...headers } = signed.headers
  return {
    method: plain.method as 'GET' | 'PUT',
    url: urlOf(signed),
    headers,
    fields: {},
    expiresAt: new Date(signingDate.getTime() + expiresIn * 1000),
  }
}

/** The request that the SDK would make: host, path and query by its rules, without the headers of its own. */
async function requestOf(
  client: S3Bucket['client'],
  command: GetObjectCommand,
): Promise<PlainRequest> {
  let captured: PlainRequest | undefined
  command.middlewareStack.add(
    (_next) => async (args) => {
      captured = args.request as PlainRequest
      return { output: { $metadata: {} }, response: {} } as never
    },
    { step: 'build', priority: 'low', name: 'captureRequest' },
  )
  await client.send(command)
  if (!captured) throw new Error('The SDK built no request.')
  const { 'content-type': type, 'content-length': length } = captured.headers
  captured.headers = {
    host: captured.port ? `${captured.hostname}:${captured.port}` : captured.hostname,
    ...(type && { 'content-type': type }),
    ...(length && { 'content-length': length }),
  }
  delete captured.query['x-id']
  return captured
}

function urlOf(request: PlainRequest): string {
  const query = Object.entries(request.query)
    .map(([name, value]) => `${encode(name)}=${encode(String(value ?? ''))}`)
    .join('&')
  const port = request.port ? `:${request.port}` : ''
  return `${request.protocol}//${request.hostname}${port}${request.path}?${query}`
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
