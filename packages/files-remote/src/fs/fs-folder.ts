import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, realpath, rename, rm, rmdir, unlink } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { storageError } from '../storage-errors.ts'
import { isAbsent } from './fs-errors.ts'
import { pathOf } from './fs-layout.ts'
import { type FsLocks, openFsLocks } from './fs-lock.ts'
import { type FsVersion, readVersions, strangeVersion, toRecord, versionOf } from './fs-record.ts'

/** A reader that always meets bytes and record out of step gives up the record after so many tries. */
const MAX_LOOKS = 20

export interface OpenedObject {
  readonly handle: FileHandle
  readonly version: FsVersion
}

/** One storage folder: where the files of a key are, and how they change. */
export interface FsFolder {
  readonly root: string
  readonly objects: string
  readonly temporary: string
  readonly locks: FsLocks
  readonly durable: boolean
}

export async function openFolder(folder: string, durable: boolean): Promise<FsFolder> {
  await mkdir(folder, { recursive: true })
  const root = await realpath(folder)
  const objects = join(root, 'objects')
  const temporary = join(root, 'temporary')
  for (const each of [objects, temporary, join(root, 'records')]) {
    await mkdir(each, { recursive: true })
  }
  const locks = await openFsLocks(root)
  await locks.sweep(temporary)
  return { root, objects, temporary, locks, durable }
}

/** Opens the bytes of a key together with the version that belongs to them. The caller closes the handle. */
export async function openObject(folder: FsFolder, key: string): Promise<OpenedObject | undefined> {
  const path = pathOf(folder.objects, key)
  for (let look = 1; ; look += 1) {
    if (!(await isInside(folder, dirname(path)))) return undefined
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(absent)
    if (!handle) return undefined
    try {
      const stats = await handle.stat({ bigint: true })
      if (!stats.isFile()) throw notAFile(path)
      const version = versionOf(await readVersions(recordPath(folder, key), key), stats)
      // No version: two writers have passed since the file was opened. Look again.
      if (version) return { handle, version }
      if (look === MAX_LOOKS) return { handle, version: strangeVersion(stats) }
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
  }
}

/** Puts written bytes and their record under a key. Call it with the lock of the key held. */
export async function replaceObject(
  folder: FsFolder,
  key: string,
  written: {
    readonly path: string
    readonly version: FsVersion
    readonly current: FsVersion | undefined
  },
): Promise<void> {
  const { version, current } = written
  const record = `${written.path}.record`
  await writeSynced(record, toRecord(key, current ? [version, current] : [version]), folder.durable)
  await moveTo(folder, record, recordPath(folder, key))
  await moveTo(folder, written.path, pathOf(folder.objects, key))
}

/** Removes the bytes and the record of a key, and the folders that are empty then. */
export async function removeObject(folder: FsFolder, key: string): Promise<void> {
  const path = pathOf(folder.objects, key)
  await unlink(path).catch(absent)
  if (folder.durable) await syncFolder(dirname(path)).catch(absent)
  await rm(recordPath(folder, key), { force: true })
  await removeEmpty(dirname(path), folder.objects)
  await removeEmpty(dirname(recordPath(folder, key)), join(folder.root, 'records'))
}

function recordPath(folder: FsFolder, key: string): string {
  return `${pathOf(join(folder.root, 'records'), key)}.json`
}

async function moveTo(folder: FsFolder, from: string, to: string): Promise<void> {
  for (;;) {
    await mkdir(dirname(to), { recursive: true })
    if (!(await isInside(folder, dirname(to)))) throw notAFile(dirname(to))
    try {
      await rename(from, to)
      break
    } catch (error) {
      // A deleter has removed the folder as empty in between.
      if (!isAbsent(error)) throw error
    }
  }
  if (folder.durable) await syncFolder(dirname(to))
}

/** Whether a folder really is where its path says: no link on the way leads elsewhere. */
async function isInside({ root }: FsFolder, path: string): Promise<boolean> {
  const real = await realpath(path).catch(absent)
  if (real === undefined) return false
  if (real === path && (real === root || real.startsWith(root + sep))) return true
  throw notAFile(path)
}

export async function writeSynced(path: string, text: string, durable: boolean): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(text)
    if (durable) await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A rename is on the disk only when its folder is. Windows cannot open folders and needs none of this. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function removeEmpty(path: string, until: string): Promise<void> {
  for (let each = path; each.startsWith(until + sep); each = dirname(each)) {
    try {
      await rmdir(each)
    } catch {
      return
    }
  }
}

function absent(error: unknown): undefined {
  if (isAbsent(error)) return undefined
  throw error
}

function notAFile(path: string): Error {
  return storageError(
    'FILES_REMOTE_REJECTED',
    `"${path}" is not what this package has put there: a link or something else than a file. Remove it.`,
  )
}
