import type { ObjectMetadata } from '../object-stat.ts'
import { encodeKey, isProtected, type PlainRequest } from './s3-request.ts'

/** What all puts into a bucket have in common. */
export interface PutModel {
  readonly protocol: string
  readonly hostname: string
  readonly port: number | undefined
  /** The path up to the key. */
  readonly folder: string
  /** The headers that say who sends and where to. */
  readonly headers: Record<string, string>
  readonly signingRegion: string
}

/** What one put has of its own, in the terms of the SDK. */
export interface PutContent {
  readonly key: string
  readonly bytes: Uint8Array
  readonly attributes: { readonly ContentType: string; readonly Metadata: ObjectMetadata }
  readonly checksum: { readonly ChecksumCRC32?: string }
}

/** All other headers are of one request. */
const COMMON_HEADERS = ['host', 'user-agent', 'x-amz-user-agent']

/** Signed by plain Signature Version 4 and for S3 itself: then the region stands in the scope. */
const PLAIN_SIGNATURE = /^AWS4-HMAC-SHA256 Credential=\S+\/\d{8}\/([^/]+)\/s3\/aws4_request,/

/** What a signed put tells of all others; `undefined` where they could differ in more than is known here. */
export function modelOf(sent: PlainRequest, key: string): PutModel | undefined {
  const { protocol, hostname, port, path, headers } = sent
  const name = encodeKey(key)
  const signingRegion = PLAIN_SIGNATURE.exec(headers.authorization ?? '')?.[1]
  if (signingRegion === undefined || !path.endsWith(`/${name}`)) return undefined
  const common = Object.entries(headers).filter(([header]) => COMMON_HEADERS.includes(header))
  const folder = path.slice(0, -name.length)
  return { protocol, hostname, port, folder, headers: Object.fromEntries(common), signingRegion }
}

/** The request of a put, not signed yet. */
export function requestOf(
  model: PutModel,
  { key, bytes, attributes, checksum }: PutContent,
): PlainRequest & { readonly body: Uint8Array } {
  const { protocol, hostname, port, folder } = model
  const headers: Record<string, string> = {
    ...model.headers,
    'content-type': attributes.ContentType,
    'content-length': String(bytes.byteLength),
  }
  for (const [name, value] of Object.entries(attributes.Metadata)) {
    headers[`x-amz-meta-${name}`] = value
  }
  if (checksum.ChecksumCRC32 !== undefined) {
    headers['x-amz-sdk-checksum-algorithm'] = 'CRC32'
    headers['x-amz-checksum-crc32'] = checksum.ChecksumCRC32
  }
  // Where it is missing, the signer hashes the body.
  if (isProtected(model)) headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
  const path = folder + encodeKey(key)
  return { method: 'PUT', protocol, hostname, port, path, query: {}, headers, body: bytes }
}
