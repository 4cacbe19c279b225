import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveRange } from '../byte-range.ts'
import {
  checkCompose,
  checkCopy,
  checkDelete,
  checkGet,
  checkPut,
  checkStat,
  mediaTypeOf,
} from '../check-request.ts'
import { checkList, compareKeys, foldKey } from '../list-keys.ts'
import type { ObjectStat } from '../object-stat.ts'
import { readBody } from '../read-body.ts'
import { type SignedUrlOptions, urlSigner } from '../signed-urls.ts'
import {
  notModified,
  objectNotFound,
  preconditionFailed,
  throwIfAborted,
} from '../storage-errors.ts'
import type {
  ComposeRequest,
  GetRequest,
  GetResult,
  ListEntry,
  ListRequest,
  PutRequest,
  PutResult,
  StorageProvider,
} from '../storage-provider.ts'
import { fsBody } from './fs-body.ts'
import { fromFsError } from './fs-errors.ts'
import { type FsFolder, openFolder, openObject, removeObject, replaceObject } from './fs-folder.ts'
import { walkKeys } from './fs-list.ts'
import type { FsVersion } from './fs-record.ts'

/** Which folder, and how safe. */
export interface FsStorageProviderOptions {
  /** The folder that holds everything; made when first needed. Give it to nothing else. */
  readonly folder: string
  /** Whether a stored object survives a power cut as well as a crash of the process. Default `true`. */
  readonly durable?: boolean | undefined
  /** How `signUrl` makes addresses; `createSignedUrlHandler` answers them. Default: it makes none. */
  readonly signedUrls?: SignedUrlOptions | undefined
}

/**
 * Objects as plain files below a folder. Several processes may use the folder at once; conditional writes hold
 * between them. The objects of a process that was killed in the middle of a write are as they were before it.
 */
export function createFsStorageProvider(options: FsStorageProviderOptions): StorageProvider {
  if (typeof options.folder !== 'string' || options.folder === '') {
    throw new TypeError(
      `folder must be the path of a folder, got ${JSON.stringify(options.folder)}.`,
    )
  }
  const signUrl = urlSigner(options.signedUrls)
  let opening: Promise<FsFolder> | undefined
  let writes = 0

  const folderFor = async (key: string): Promise<FsFolder> => {
    opening ??= openFolder(options.folder, options.durable ?? true)
    try {
      return await opening
    } catch (error) {
      opening = undefined
      throw fromFsError(error, key)
    }
  }

  const put = (request: PutRequest): Promise<PutResult> =>
    guarded(request.key, async () => {
      checkPut(request)
      const folder = await folderFor(request.key)
      const path = join(folder.temporary, `${folder.locks.token}.${writes++}`)
      try {
        const version = await writeBody(folder, path, request)
        return await commit(folder, request, { path, version })
      } catch (error) {
        await rm(path, { force: true })
        await rm(`${path}.record`, { force: true })
        throw error
      }
    })

  const get = (request: GetRequest): Promise<GetResult> =>
    guarded(request.key, async () => {
      checkGet(request)
      const { key, ifMatch, ifNoneMatch, signal } = request
      const opened = await openObject(await folderFor(key), key)
      if (!opened) throw objectNotFound(key)
      const { handle, version } = opened
      try {
        if (ifMatch !== undefined && ifMatch !== version.etag) throw preconditionFailed(key)
        if (ifNoneMatch === version.etag) throw notModified(key)
        const { start, end } = resolveRange(request.range, version.sizeBytes)
        const body = fsBody(handle, { key, start, length: end + 1 - start, signal })
        return { ...statOf(key, version), body }
      } catch (error) {
        await handle.close()
        throw error
      }
    })

  return {
    capabilities: {
      conditionalWrites: true,
      conditionalDeletes: true,
      compose: { minPartBytes: 0 },
      signedUrls: options.signedUrls ? ['GET', 'PUT', 'POST'] : [],
    },
    put,
    get,

    stat: (request) =>
      guarded(request.key, async () => {
        checkStat(request)
        const { key } = request
        const opened = await openObject(await folderFor(key), key)
        await opened?.handle.close()
        return opened ? statOf(key, opened.version) : null
      }),

    delete: (request) =>
      guarded(request.key, async () => {
        checkDelete(request)
        const { key, ifMatch, signal } = request
        const folder = await folderFor(key)
        await folder.locks.withLock(key, signal, async () => {
          if (ifMatch !== undefined && (await versionAt(folder, key))?.etag !== ifMatch) {
            throw preconditionFailed(key)
          }
          await removeObject(folder, key)
        })
      }),

    async *list(request: ListRequest = {}): AsyncGenerator<ListEntry> {
      const { prefix, delimiter, startAfter } = checkList(request)
      const folder = await folderFor(prefix)
      let lastFolded: string | undefined
      const wanted = (parent: string) => parent.startsWith(prefix) || prefix.startsWith(parent)
      for await (const key of walkKeys(folder.objects, wanted)) {
        throwIfAborted(request.signal)
        if (!key.startsWith(prefix)) continue
        const folded = foldKey(key, prefix, delimiter)
        if (compareKeys(folded ?? key, startAfter) <= 0) continue
        if (folded === undefined) {
          const version = await versionAt(folder, key)
          if (version) yield { kind: 'object', ...listed(key, version) }
        } else if (folded !== lastFolded) {
          lastFolded = folded
          yield { kind: 'prefix', prefix: folded }
        }
      }
    },

    copy: async (request) => {
      checkCopy(request)
      const { sourceKey, key, sourceIfMatch, signal } = request
      const { body, mediaType, metadata } = await get({
        key: sourceKey,
        ifMatch: sourceIfMatch,
        signal,
      })
      return put({ key, body, mediaType, metadata, signal })
    },

    compose: async (request) => {
      checkCompose(request)
      const { parts: _, ...attributes } = request
      return put({ ...attributes, body: joinParts(request, get) })
    },

    signUrl,
  }
}

async function* joinParts(
  { parts, signal }: ComposeRequest,
  get: StorageProvider['get'],
): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if ('body' in part) yield part.body
    else yield* (await get({ ...part, signal })).body
  }
}

/** Writes a body beside the objects, and names the version that it will be. */
async function writeBody(folder: FsFolder, path: string, request: PutRequest): Promise<FsVersion> {
  const handle = await open(path, 'wx')
  try {
    for await (const chunk of readBody(request.body, request)) await handle.writeFile(chunk)
    // Microseconds are drawn: together with the size they recognise the bytes where inodes do not.
    const now = (Date.now() + Math.random()) / 1000
    await handle.utimes(now, now)
    if (folder.durable) await handle.sync()
    const { ino, size, mtimeNs } = await handle.stat({ bigint: true })
    return {
      inode: String(ino),
      sizeBytes: Number(size),
      writtenNs: String(mtimeNs),
      etag: crypto.randomUUID().replaceAll('-', ''),
      mediaType: mediaTypeOf(request),
      metadata: { ...request.metadata },
    }
  } finally {
    await handle.close()
  }
}

function commit(
  folder: FsFolder,
  { key, ifMatch, ifNoneMatch, signal }: PutRequest,
  written: { readonly path: string; readonly version: FsVersion },
): Promise<PutResult> {
  return folder.locks.withLock(key, signal, async () => {
    throwIfAborted(signal)
    const current = await versionAt(folder, key)
    if (ifNoneMatch !== undefined && current) throw preconditionFailed(key)
    if (ifMatch !== undefined && current?.etag !== ifMatch) throw preconditionFailed(key)
    await replaceObject(folder, key, { ...written, current })
    return { key, etag: written.version.etag, sizeBytes: written.version.sizeBytes }
  })
}

async function versionAt(folder: FsFolder, key: string): Promise<FsVersion | undefined> {
  const opened = await openObject(folder, key)
  await opened?.handle.close()
  return opened?.version
}

async function guarded<T>(key: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof TypeError) throw error
    throw fromFsError(error, key)
  }
}

function listed(key: string, { etag, sizeBytes, writtenNs }: FsVersion) {
  return { key, etag, sizeBytes, lastModified: new Date(Number(BigInt(writtenNs) / 1_000_000n)) }
}

function statOf(key: string, version: FsVersion): ObjectStat {
  const { mediaType, metadata } = version
  return { ...listed(key, version), mediaType, metadata }
}
