import { once } from 'node:events'
import * as http from 'node:http'
import * as https from 'node:https'
import { agentOf } from './s3-agent.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { type AnyCommand, intercept, type PlainRequest, pathAndQuery } from './s3-request.ts'

/*
 * The SDK can send a file in two ways: as a stream, which it cannot send again and which makes a new buffer of every
 * read, or from memory, a whole part of it. So here the SDK does all but the sending: it signs a request without a
 * body, and instead of its handler, we send it through the same agent with the bytes of the file, piece by piece out
 * of one small buffer. A try that fails is the SDK's to judge and to repeat, with the file read anew.
 */

/** A body from its beginning, as many bytes at a time as go out together. Their memory is reused for the next ones. */
type Pieces = () => AsyncGenerator<readonly Uint8Array[]>

/** Whether the client's requests can be sent by us, and the SDK adds no checksum of the body that it does not see. */
export async function sendsFiles({ client, checksums }: S3Bucket): Promise<boolean> {
  if (!agentOf(client, 'https:')) return false
  return (
    checksums === 'crc32' || (await client.config.requestChecksumCalculation()) === 'WHEN_REQUIRED'
  )
}

/** Makes a command send the bytes of a file. Only for a client whose handler has an agent of Node's. */
export function withFileBody<T extends AnyCommand>(
  command: T,
  bucket: S3Bucket,
  body: { readonly pieces: Pieces; readonly signal?: AbortSignal | undefined },
): T {
  intercept(command, 'deserialize', async ({ request }) => {
    const answer = await sendPieces(bucket, request as PlainRequest, body)
    return { output: undefined, response: toResponse(answer) }
  })
  return command
}

async function sendPieces(
  bucket: S3Bucket,
  request: PlainRequest,
  { pieces, signal }: { pieces: Pieces; signal?: AbortSignal | undefined },
): Promise<http.IncomingMessage> {
  const { protocol, hostname, port, method, headers } = request
  const outgoing = (protocol === 'https:' ? https : http).request({
    agent: agentOf(bucket.client, protocol),
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    method,
    path: pathAndQuery(request),
    headers,
    timeout: bucket.idleTimeoutMs,
    signal,
  })
  outgoing.on('timeout', () => outgoing.destroy(stoodStill()))
  const answered = once(outgoing, 'response') as Promise<[http.IncomingMessage]>
  // An error stays with the request, whoever listens: the one of the answer is the one that is told.
  outgoing.on('error', () => undefined)
  writePieces(outgoing, pieces).catch((error: Error) => outgoing.destroy(error))
  const [answer] = await answered
  // A refusal may come before the last byte: what is left is not sent.
  answer.once('end', () => outgoing.writableEnded || outgoing.destroy())
  return answer
}

/** One piece after the other: the next one goes into the same memory once the system has taken this one. */
async function writePieces(outgoing: http.ClientRequest, pieces: Pieces): Promise<void> {
  for await (const together of pieces()) {
    await new Promise<void>((resolve, reject) => {
      outgoing.cork()
      together.forEach((bytes, index) => {
        const taken = (error?: Error | null) => (error ? reject(error) : resolve())
        outgoing.write(bytes, index === together.length - 1 ? taken : undefined)
      })
      outgoing.uncork()
    })
  }
  outgoing.end()
}

/** As the SDK's own handler gives it. */
function toResponse(answer: http.IncomingMessage) {
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
  return { statusCode: answer.statusCode, headers: Object.fromEntries(headers), body: answer }
}

/** The SDK takes an error of this name for one that another try may heal. */
function stoodStill(): Error {
  return Object.assign(new Error('The connection stood still.'), { name: 'TimeoutError' })
}
