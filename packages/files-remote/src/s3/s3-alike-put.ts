import type { PutObjectCommand } from '@aws-sdk/client-s3'
import { agentOf } from './s3-agent.ts'
import type { S3Bucket } from './s3-bucket.ts'
import type { WriteAnswer } from './s3-conditions.ts'
import { modelOf, type PutContent, requestOf } from './s3-put-model.ts'
import { intercept, type PlainRequest } from './s3-request.ts'

/*
 * To make a request of a command costs the SDK more processor time than to sign and to send it, and with a small
 * object more than everything else. But one put is like another: once the SDK has sent one, the next ones are made
 * like it here, and only the client's own signer and handler have to do with them. Whatever is not answered by a
 * plain yes is sent again through the SDK, which knows how to judge and to repeat it, until a put succeeds there.
 */

/** Beyond it, what the SDK costs is little beside the bytes, and sending those twice after a refusal is not. */
const MAX_BYTES = 1024 * 1024

/**
 * Lets the bucket learn from a put if it succeeds. Only where nobody has put anything into the client but us, and its
 * handler is the SDK's for Node.js, whose answers we understand.
 */
export function learnFromPut(bucket: S3Bucket, command: PutObjectCommand, key: string): void {
  const { client, ownClient, learned } = bucket
  if (!ownClient || learned.put) return
  intercept(command, 'finalizeRequest', async (args, next) => {
    const model = modelOf(args.request as PlainRequest, key)
    const answer = await next(args)
    const understood = model && agentOf(client, model.protocol)
    learned.put = understood && { model, signer: await client.config.signer() }
    return answer
  })
}

/**
 * Sends a put as the last one was sent; `undefined` when that is left to the SDK. Only for what carries no condition:
 * it may be stored twice.
 */
export async function putAlike(
  { client, learned }: S3Bucket,
  content: PutContent,
  signal: AbortSignal | undefined,
): Promise<WriteAnswer | undefined> {
  if (!learned.put || content.bytes.byteLength > MAX_BYTES) return undefined
  const { model, signer } = learned.put
  try {
    const request = await signer.sign(requestOf(model, content) as never, {
      signingDate: new Date(Date.now() + client.config.systemClockOffset),
      signingRegion: model.signingRegion,
      signingService: 's3',
    })
    const options = signal ? { abortSignal: signal } : {}
    const { response } = await client.config.requestHandler.handle(request as never, options)
    response.body.resume()
    const { etag: ETag, 'x-amz-version-id': VersionId } = response.headers
    if (response.statusCode === 200) return { ETag, VersionId }
  } catch {
    // The SDK meets the same, and tells it.
  }
  learned.put = undefined
  return undefined
}
