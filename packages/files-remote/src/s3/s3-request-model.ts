import { encodeKey, isProtected, type PlainRequest } from './s3-request.ts'

/** What all requests about objects of a bucket have in common. */
export interface RequestModel {
  readonly protocol: string
  readonly hostname: string
  readonly port: number | undefined
  /** The path up to the key. */
  readonly folder: string
  /** The headers that say who sends and where to. */
  readonly headers: Record<string, string>
  readonly signingRegion: string
}

/** What one request has of its own. */
export interface OwnRequest {
  readonly method: 'GET' | 'PUT'
  readonly key: string
  readonly headers: Record<string, string>
  readonly body?: Uint8Array | undefined
}

const COMMON_HEADERS = /^(host|(x-amz-)?user-agent)$/

/** So is the query `x-id`, by which the SDK names its command. */
const HEADERS_OF_ONE_REQUEST =
  /^(amz-sdk-.*|authorization|content-(length|type)|if-(none-)?match|range|x-amz-(checksum-.*|content-sha256|date|meta-.*|sdk-checksum-algorithm|security-token))$/

/** Signed by plain Signature Version 4 and for S3 itself: then the region stands in the scope. */
const PLAIN_SIGNATURE = /^AWS4-HMAC-SHA256 Credential=\S+\/\d{8}\/([^/]+)\/s3\/aws4_request,/

/** What a signed request tells of all others; `undefined` where they could differ in more than is known here. */
export function modelOf(sent: PlainRequest, key: string): RequestModel | undefined {
  const { protocol, hostname, port, path, query, headers } = sent
  const name = encodeKey(key)
  const signingRegion = PLAIN_SIGNATURE.exec(headers.authorization ?? '')?.[1]
  const known =
    path.endsWith(`/${name}`) &&
    Object.keys(query).every((each) => each === 'x-id') &&
    Object.keys(headers).every(
      (header) => COMMON_HEADERS.test(header) || HEADERS_OF_ONE_REQUEST.test(header),
    )
  if (signingRegion === undefined || !known) return undefined
  const common = Object.entries(headers).filter(([header]) => COMMON_HEADERS.test(header))
  const folder = path.slice(0, -name.length)
  return { protocol, hostname, port, folder, headers: Object.fromEntries(common), signingRegion }
}

/** A request like the model, not signed yet. */
export function requestOf(
  model: RequestModel,
  { method, key, headers, body }: OwnRequest,
): PlainRequest & { readonly body: Uint8Array | undefined } {
  const { protocol, hostname, port, folder } = model
  // Without it, the signer hashes the body.
  const hash = body && isProtected(model) && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  return {
    method,
    protocol,
    hostname,
    port,
    path: folder + encodeKey(key),
    query: {},
    headers: { ...model.headers, ...headers, ...hash },
    body,
  }
}
