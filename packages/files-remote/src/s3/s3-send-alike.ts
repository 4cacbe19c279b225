import type { Readable } from 'node:stream'
import { agentOf } from './s3-agent.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { type AnyCommand, intercept, type PlainRequest } from './s3-request.ts'
import { modelOf, type OwnRequest, requestOf } from './s3-request-model.ts'

/*
 * To make a request of a command costs the SDK more processor time than to sign and to send it, and with a small
 * object more than everything else. But one request is like another: once the SDK has sent one, the next ones are made
 * like it here, and only the client's own signer and handler have to do with them. Whatever is answered in another way
 * than was hoped for is sent again through the SDK, which knows how to judge and to repeat it, until it succeeds there.
 */

/** What came back. */
export interface AlikeAnswer {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Readable
}

/**
 * Lets the bucket learn from a command if it succeeds. Only where nobody has put anything into the client but us, and
 * its handler is the SDK's for Node.js, whose answers we understand.
 */
export function learnFrom(bucket: S3Bucket, command: AnyCommand, key: string): void {
  const { client, ownClient, learned } = bucket
  if (!ownClient || learned.request) return
  intercept(command, 'finalizeRequest', async (args, next) => {
    const model = modelOf(args.request as PlainRequest, key)
    const answer = await next(args)
    const understood = model && agentOf(client, model.protocol)
    learned.request = understood && { model, signer: await client.config.signer() }
    return answer
  })
}

/**
 * Sends a request as the last one was sent; `undefined` when it has to go through the SDK. Only for what may happen
 * twice.
 */
export async function sendAlike(
  { client, learned }: S3Bucket,
  own: OwnRequest,
  options: { readonly hopes: readonly number[]; readonly signal?: AbortSignal | undefined },
): Promise<AlikeAnswer | undefined> {
  if (!learned.request) return undefined
  const { model, signer } = learned.request
  const { hopes, signal } = options
  try {
    const request = await signer.sign(requestOf(model, own) as never, {
      signingDate: new Date(Date.now() + client.config.systemClockOffset),
      signingRegion: model.signingRegion,
      signingService: 's3',
    })
    const handled = await client.config.requestHandler.handle(
      request as never,
      signal ? { abortSignal: signal } : {},
    )
    const answer = handled.response as AlikeAnswer
    if (hopes.includes(answer.statusCode)) return answer
    answer.body.resume()
  } catch {
    // The SDK meets the same, and tells it.
  }
  learned.request = undefined
  return undefined
}
