import type { Readable } from 'node:stream'
import { unlessAborted } from '../read-body.ts'
import { agentOf } from './s3-agent.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { type AnyCommand, intercept, type PlainRequest } from './s3-request.ts'
import { modelOf, type OwnRequest, requestOf } from './s3-request-model.ts'

/*
 * To make a request of a command costs the SDK more processor time than to sign and to send it, and with a small
 * object more than everything else. But one request is like another: once the SDK has sent one, the next ones are made
 * like it here, and only the client's own signer and handler have to do with them. Whatever comes back that is not a
 * success goes to the SDK as if its own first try had met it: it judges and repeats, under the client's own rules. Until
 * it succeeds, all others go through it, too.
 */

/** What the handler makes of a request. */
interface Handled {
  readonly response: AlikeAnswer
}

/** What came back. */
export interface AlikeAnswer {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Readable
}

/** A request that was sent. */
export interface AlikeTry {
  /** What it was answered, where it succeeded. */
  readonly answer: AlikeAnswer | undefined
  readonly handled: Promise<Handled>
}

/** Not modified, not there, another version, behind the end: about the object, and nothing against the request. */
const ABOUT_THE_OBJECT = [304, 404, 412, 416]

/** The likeness itself may be what is refused: the SDK makes the request anew. */
const AGAINST_THE_REQUEST = [400, 401, 403]

/**
 * Lets the bucket learn from a command if it succeeds. Only where nobody but us has a part in the client's requests, and
 * its handler is the SDK's for Node.js, whose answers we understand.
 */
export function learnFrom(bucket: S3Bucket, command: AnyCommand, key: string): void {
  const { client, uniform, learned } = bucket
  if (!uniform || learned.request) return
  intercept(command, 'finalizeRequest', async (args, next) => {
    const model = modelOf(args.request as PlainRequest, key)
    const answer = await next(args)
    const retries = await client.config.retryStrategy()
    if (model && agentOf(client, model.protocol) && 'acquireInitialRetryToken' in retries)
      learned.request = { model, retries, signer: await client.config.signer() }
    return answer
  })
}

/** Sends a request as the last one was sent; `undefined` when the SDK has to make it. Only for what may happen twice. */
export async function sendAlike(
  { client, learned }: S3Bucket,
  own: OwnRequest,
  signal: AbortSignal | undefined,
): Promise<AlikeTry | undefined> {
  if (!learned.request) return undefined
  const { model, signer, retries } = learned.request
  const signingDate = new Date(Date.now() + client.config.systemClockOffset)
  const scope = { signingDate, signingRegion: model.signingRegion, signingService: 's3' }
  // Asked before and told of a success, the client's strategy keeps count of all requests.
  const begun = Promise.all([
    signer.sign(requestOf(model, own) as never, scope),
    retries.acquireInitialRetryToken(''),
  ])
  // The SDK meets the same failure, and tells it.
  const prepared = await unlessAborted(begun, signal).catch(() => undefined)
  if (!prepared) return undefined
  const [request, token] = prepared
  const options = signal ? { abortSignal: signal } : {}
  const handled = client.config.requestHandler.handle(request as never, options) as Promise<Handled>
  const answer = await handled.then(({ response }) => response).catch(() => undefined)
  if (answer && isSuccess(own, answer)) {
    retries.recordSuccess(token)
    return { answer, handled }
  }
  if (!ABOUT_THE_OBJECT.includes(answer?.statusCode ?? 0)) learned.request = undefined
  if (!AGAINST_THE_REQUEST.includes(answer?.statusCode ?? 0)) return { answer: undefined, handled }
  answer?.body.resume()
  return undefined
}

/** The storage may regret a write behind its 200: only an answer without a body says no more than its head. */
function isSuccess({ method }: OwnRequest, { statusCode, headers }: AlikeAnswer): boolean {
  return statusCode < 300 && (method === 'GET' || headers['content-length'] === '0')
}

/** Gives the SDK a try that did not succeed for its own first one, if there was any. */
export function goOnFrom(command: AnyCommand, tried: AlikeTry | undefined): void {
  let first = tried?.handled
  if (!first) return
  intercept(command, 'deserialize', (args, next) => {
    const handled = first ?? next(args)
    first = undefined
    return handled
  })
}
