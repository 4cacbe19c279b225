import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { checkList, compareKeys } from '../list-keys.ts'
import { throwIfAborted } from '../storage-errors.ts'
import type { ListEntry, ListRequest } from '../storage-provider.ts'
import { bareEtag, type S3Bucket, sendS3 } from './s3-bucket.ts'

/** Walks over a bucket, a page at a time; the next page is asked for when the last entry has been taken. */
export async function* listS3(bucket: S3Bucket, request: ListRequest): AsyncGenerator<ListEntry> {
  const { prefix, delimiter, startAfter } = checkList(request)
  const { signal } = request
  let token: string | undefined
  do {
    throwIfAborted(signal)
    const command = new ListObjectsV2Command({
      Bucket: bucket.name,
      Prefix: prefix || undefined,
      Delimiter: delimiter || undefined,
      StartAfter: startAfter || undefined,
      ContinuationToken: token,
      EncodingType: 'url',
    })
    const page = await sendS3(bucket, { key: prefix, signal }, command)
    for (const entry of entriesOf(page)) {
      // Servers disagree on whether a folded prefix stands behind a key inside it.
      if (compareKeys(nameOf(entry), startAfter) > 0) yield entry
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

/** A page gives objects and prefixes apart; together they are in order again. */
function entriesOf({
  Contents = [],
  CommonPrefixes = [],
}: ListObjectsV2CommandOutput): ListEntry[] {
  const prefixes = CommonPrefixes.map(({ Prefix = '' }) => ({
    kind: 'prefix' as const,
    prefix: decode(Prefix),
  }))
  const objects = Contents.map(({ Key = '', ETag, Size = 0, LastModified }) => ({
    kind: 'object' as const,
    key: decode(Key),
    etag: bareEtag(ETag),
    sizeBytes: Size,
    ...(LastModified && { lastModified: LastModified }),
  }))
  return [...prefixes, ...objects].sort((a, b) => compareKeys(nameOf(a), nameOf(b)))
}

function nameOf(entry: ListEntry): string {
  return entry.kind === 'object' ? entry.key : entry.prefix
}

/** Names come encoded as in a form, so that XML can carry every one of them. */
function decode(name: string): string {
  return decodeURIComponent(name.replaceAll('+', ' '))
}
