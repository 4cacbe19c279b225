import { createHmac } from 'node:crypto'
import { HeadBucketCommand } from '@aws-sdk/client-s3'
import { mediaTypeOf } from '../check-request.ts'
import type { SignedUrl, SignPostRequest } from '../sign-request.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { captureRequest } from './s3-request.ts'

const ALGORITHM = 'AWS4-HMAC-SHA256'

/**
 * Signs a form that a browser may send: key, size and type are conditions that the storage checks.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
 */
export async function signS3Post(
  bucket: S3Bucket,
  request: SignPostRequest,
  expiresIn: number,
): Promise<SignedUrl> {
  const { client } = bucket
  const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials()
  const now = new Date(Date.now() + client.config.systemClockOffset)
  const expiresAt = new Date(now.getTime() + expiresIn * 1000)
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = [time.slice(0, 8), await client.config.region(), 's3', 'aws4_request']
  const fields = {
    key: request.key,
    'Content-Type': mediaTypeOf(request),
    'x-amz-algorithm': ALGORITHM,
    'x-amz-credential': [accessKeyId, ...scope].join('/'),
    'x-amz-date': time,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }
  const policy = {
    expiration: expiresAt.toISOString(),
    conditions: [
      { bucket: bucket.name },
      ...Object.entries(fields).map(([name, value]) => ({ [name]: value })),
      ['content-length-range', request.minBytes ?? 0, request.maxBytes],
    ],
  }
  const encoded = Buffer.from(JSON.stringify(policy)).toString('base64')
  const signature = hmac(signingKey(secretAccessKey, scope), encoded).toString('hex')
  return {
    method: 'POST',
    url: await bucketUrl(bucket),
    headers: {},
    fields: { ...fields, policy: encoded, 'x-amz-signature': signature },
    expiresAt,
  }
}

/** The address of the bucket, by the SDK's own rules for endpoints and styles. */
async function bucketUrl({ client, name }: S3Bucket): Promise<string> {
  const plain = await captureRequest(client, new HeadBucketCommand({ Bucket: name }), 'unsigned')
  const { protocol, hostname, port, path } = plain
  return `${protocol}//${hostname}${port ? `:${port}` : ''}${path}`
}

/** The key of a day, a region and a service, so that the secret itself signs nothing. */
function signingKey(secret: string, scope: readonly string[]): Buffer {
  return scope.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
