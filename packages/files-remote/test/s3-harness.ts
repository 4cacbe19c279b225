import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'

export interface S3Server {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The configuration of a client for the real server. */
export function clientConfig({ endpoint, region, accessKeyId, secretAccessKey }: S3Server) {
  return { endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } }
}

/** A bucket of its own on the real server, and its removal. */
export async function makeBucket(
  server: S3Server,
  options: { readonly versioned?: boolean } = {},
): Promise<{ name: string; client: S3Client; remove: () => Promise<void> }> {
  const client = new S3Client(clientConfig(server))
  const name = `files-remote-${randomUUID().slice(0, 18)}`
  await client.send(new CreateBucketCommand({ Bucket: name }))
  if (options.versioned) {
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }))
  }
  const empty = async (): Promise<void> => {
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket: name }))
    const versions = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])]
    for (const { Key, VersionId } of versions)
      await client.send(new DeleteObjectCommand({ Bucket: name, Key, VersionId }))
    if (listed.IsTruncated) await empty()
  }
  const remove = async () => {
    await empty()
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: name }))
    for (const { Key, UploadId } of Uploads) {
      await client.send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId }))
    }
    await client.send(new DeleteBucketCommand({ Bucket: name }))
    client.destroy()
  }
  return { name, client, remove }
}
