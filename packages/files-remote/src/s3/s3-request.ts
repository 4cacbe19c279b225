import type { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'

/** A request of the SDK on its way out. */
export interface PlainRequest {
  method: string
  protocol: string
  hostname: string
  port?: number | undefined
  path: string
  query: Record<string, string | string[] | null>
  headers: Record<string, string>
}

interface Arguments {
  readonly input: object
  readonly request: unknown
}

type Handler = (args: Arguments) => Promise<unknown>

/** The one shape that the middleware stacks of all commands share; their own types are a union that no call fits. */
export interface AnyCommand {
  readonly middlewareStack: {
    add: (middleware: never, options: never) => void
  }
}

/** Changes what a command does in a step: of the SDK's own parts of the step, only the sending comes later. */
export function intercept(
  command: AnyCommand,
  step: 'build' | 'finalizeRequest' | 'deserialize',
  change: (args: Arguments, next: Handler) => Promise<unknown>,
): void {
  const middleware = (next: Handler) => (args: Arguments) => change(args, next)
  command.middlewareStack.add(middleware as never, { step, priority: 'low' } as never)
}

/**
 * Leaves the body out of the signature, where a checksum or the transport protects it: the SDK would hash it
 * with SHA-256, which costs more than all the rest of an upload. Elsewhere, a body that the SDK does not see is
 * hashed here.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function withPayloadHash<T extends AnyCommand>(command: T, hash?: () => Promise<string>): T {
  intercept(command, 'build', async (args, next) => {
    const request = args.request as PlainRequest
    const value = isProtected(request) ? 'UNSIGNED-PAYLOAD' : await hash?.()
    if (value !== undefined) request.headers['x-amz-content-sha256'] = value
    return next(args)
  })
  return command
}

/**
 * Asks for the stored checksum, but keeps the SDK from checking it: it would pass every byte through one more
 * stream. Our own body checks it with the native CRC-32.
 */
export function withOwnValidation<T extends AnyCommand>(command: T): T {
  intercept(command, 'build', (args, next) => {
    ;(args.request as PlainRequest).headers['x-amz-checksum-mode'] = 'ENABLED'
    // The header is written; what checks the answer looks at the input again, later.
    delete (args.input as { ChecksumMode?: string }).ChecksumMode
    return next(args)
  })
  return command
}

/** The request that the SDK would send, signed or not yet, without sending it. */
export async function captureRequest(
  client: S3Client,
  command: AnyCommand,
  state: 'unsigned' | 'signed',
): Promise<PlainRequest> {
  let captured: PlainRequest | undefined
  intercept(command, state === 'signed' ? 'finalizeRequest' : 'build', async ({ request }) => {
    captured = request as PlainRequest
    return { output: { $metadata: {} }, response: {} }
  })
  await client.send(command as GetObjectCommand)
  if (!captured) throw new Error('The SDK built no request.')
  return captured
}

/** Path and query of a request as they go over the wire. */
export function pathAndQuery({ path, query }: PlainRequest): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encode(name)}=${encode(String(value ?? ''))}`,
  )
  return pairs.length > 0 ? `${path}?${pairs.join('&')}` : path
}

/** Whether nobody on the way can change a body that is not signed. */
export function isProtected({
  protocol,
  hostname,
}: Pick<PlainRequest, 'protocol' | 'hostname'>): boolean {
  return (
    protocol === 'https:' || /^(localhost|.*\.localhost|127(\.\d+){3}|\[?::1\]?)$/.test(hostname)
  )
}

/** A key as it stands in a path. */
export function encodeKey(key: string): string {
  return key.split('/').map(encode).join('/')
}

/** Percent-encoding of RFC 3986, which signatures are made over. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
