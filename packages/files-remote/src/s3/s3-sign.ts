import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { checkSignUrl, mediaTypeOf } from '../check-request.ts'
import { contentDisposition } from '../content-disposition.ts'
import type { SignedUrl, SignGetRequest, SignPutRequest, SignUrlRequest } from '../sign-request.ts'
import { type S3Bucket, target } from './s3-bucket.ts'
import { fromS3Error } from './s3-errors.ts'
import { signS3Post } from './s3-post-policy.ts'
import { captureRequest, type PlainRequest, pathAndQuery } from './s3-request.ts'

/** What the client's own signer can do; its type does not show it. */
interface Presigner {
  readonly presign: (request: PlainRequest, options: object) => Promise<PlainRequest>
}

/** Headers that the sender must repeat, and that stay headers instead of becoming part of the address. */
const KEPT_HEADERS = ['host', 'content-type', 'content-length']

/** Signs a request for somebody without credentials. Asks nobody: a signature is arithmetic. */
export async function signS3Url(bucket: S3Bucket, request: SignUrlRequest): Promise<SignedUrl> {
  const { expiresInSeconds } = checkSignUrl(request)
  try {
    return await (request.method === 'POST'
      ? signS3Post(bucket, request, expiresInSeconds)
      : presign(bucket, request, expiresInSeconds))
  } catch (error) {
    throw fromS3Error(error, { key: request.key, bucket: bucket.name })
  }
}

async function presign(
  bucket: S3Bucket,
  request: SignGetRequest | SignPutRequest,
  expiresIn: number,
): Promise<SignedUrl> {
  const { client } = bucket
  const plain = await captureRequest(client, commandOf(bucket, request), 'unsigned')
  plain.headers = keptHeaders(plain)
  delete plain.query['x-id']
  const signer = (await client.config.signer()) as unknown as Presigner
  // The SDK learns from answers how wrong this machine's clock is.
  const signingDate = new Date(Date.now() + client.config.systemClockOffset)
  const signed = await signer.presign(plain, {
    expiresIn,
    signingDate,
    unhoistableHeaders: new Set(KEPT_HEADERS),
    signableHeaders: new Set(KEPT_HEADERS),
  })
  const { host, ...headers } = signed.headers
  return {
    method: request.method,
    url: `${signed.protocol}//${host}${pathAndQuery(signed)}`,
    headers,
    fields: {},
    expiresAt: new Date(signingDate.getTime() + expiresIn * 1000),
  }
}

function commandOf(
  bucket: S3Bucket,
  request: SignGetRequest | SignPutRequest,
): GetObjectCommand | PutObjectCommand {
  const where = target(bucket, request.key)
  if (request.method === 'PUT') {
    return new PutObjectCommand({
      ...where,
      ContentType: mediaTypeOf(request),
      ContentLength: request.sizeBytes,
    })
  }
  const { downloadName } = request
  return new GetObjectCommand({
    ...where,
    ...(downloadName !== undefined && {
      ResponseContentDisposition: contentDisposition(downloadName),
    }),
  })
}

/** Without the headers of the SDK's own, such as the checksum of a body that nobody knows yet. */
function keptHeaders({ headers, hostname, port }: PlainRequest): Record<string, string> {
  const kept: Record<string, string> = {
    host: port ? `${hostname}:${port}` : hostname,
    // Nobody knows the body yet. Without this the signature would be one over no body.
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  }
  for (const name of KEPT_HEADERS) {
    const value = headers[name]
    if (value !== undefined && name !== 'host') kept[name] = value
  }
  return kept
}
