import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { ObjectMetadata } from '../object-stat.ts'

/*
 * An object is two files: its bytes, plain, and a record of what else is known. Two files cannot be replaced in
 * one step, so the record holds a version for the bytes that stand there and one for the bytes that will: it is
 * written first, and a reader takes the version that belongs to the bytes it has opened. A crash between the two
 * renames leaves the old object whole.
 */

/** What belongs to one state of the bytes: recognised by inode, size and the time of writing. */
export interface FsVersion {
  readonly inode: string
  readonly sizeBytes: number
  readonly writtenNs: string
  readonly etag: string
  readonly mediaType: string
  readonly metadata: ObjectMetadata
}

interface FsRecord {
  readonly key: string
  readonly versions: readonly FsVersion[]
}

export function toRecord(key: string, versions: readonly FsVersion[]): string {
  return JSON.stringify({ key, versions } satisfies FsRecord)
}

/** The versions that a record file names; none when it is not there or not ours. */
export async function readVersions(path: string, key: string): Promise<readonly FsVersion[]> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as FsRecord
    return record.key === key ? record.versions : []
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT')
      return []
    throw error
  }
}

/** The version that belongs to opened bytes. A restored backup keeps size and time, but not the inode. */
export function versionOf(
  versions: readonly FsVersion[],
  stats: BigIntStats,
): FsVersion | undefined {
  const alike = versions.filter(
    ({ sizeBytes, writtenNs }) =>
      BigInt(sizeBytes) === stats.size && BigInt(writtenNs) === stats.mtimeNs,
  )
  return alike.find(({ inode }) => inode === String(stats.ino)) ?? alike[0]
}

/** The version of bytes that somebody else put there: good until they are touched. */
export function strangeVersion(stats: BigIntStats): FsVersion {
  const identity = `${stats.ino}:${stats.size}:${stats.mtimeNs}`
  return {
    inode: String(stats.ino),
    sizeBytes: Number(stats.size),
    writtenNs: String(stats.mtimeNs),
    etag: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    mediaType: 'application/octet-stream',
    metadata: {},
  }
}
