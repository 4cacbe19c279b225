import { randomUUID } from 'node:crypto'
import { constants, lstat, rename, type Stats } from 'node:fs'
import { access, link, realpath, stat, unlink } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { isIntegrationError } from '@mortise/errors'
import { permanent } from './download-error.ts'
import type { FileOptions } from './download-options.ts'
import { type OpenFile, openFile } from './open-file.ts'
import { openPartialFile, type Partial, type PartialFile } from './partial-file.ts'

/** A file that does not have its name yet. */
export interface FileTarget {
  /** The final path, symbolic links resolved. */
  readonly path: string
  readonly file: OpenFile
  /** Whether it can be written at any place and started over; a pipe cannot. */
  readonly seekable: boolean
  /** Whether a failure leaves what has come to a later call. */
  readonly resumable: boolean
  /** What an earlier call left. */
  readonly partial: Partial | undefined
  /** Notes which version is being written. */
  describe(validator: string, total: number | undefined): Promise<void>
  /** Gives the file its name. */
  commit(): Promise<void>
  /** Ends without a file: removes what has been written, or leaves it to a later call that can go on with it. */
  discard(error: unknown): Promise<void>
}

/** These two are called for every file. Those of `fs/promises` write a stack trace for each path that is free. */
const lookAtEntry = promisify(lstat)
const renameFile = promisify(rename)

/**
 * Opens a temporary file next to `path`. A rename within one folder is atomic, so that nobody ever sees half a file
 * under the final name. What exists and is no regular file (a pipe, a device) is written in place.
 *
 * @throws {PermanentError} FILES_LOCAL_TARGET_UNWRITABLE, FILES_LOCAL_TARGET_EXISTS
 * @throws {TypeError} when `path` is no path
 */
export async function openFileTarget(
  path: string,
  url: URL,
  options: FileOptions,
): Promise<FileTarget> {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new TypeError('the path must be a string that is not empty and has no NUL character')
  }
  try {
    const { final, existing } = await lookAt(resolve(path))
    if (existing?.isDirectory()) throw unwritable(path, 'it is a folder')
    if (existing !== undefined && options.overwrite === false) throw exists(path)
    if (existing !== undefined) await access(final, constants.W_OK)
    if (existing !== undefined && !existing.isFile()) return await openInPlace(final)
    const partial = options.resume ? await openPartialFile(final, url) : undefined
    return partial === undefined
      ? await openTemporary(final, existing, options)
      : await openResumable(final, partial, existing, options)
  } catch (error) {
    throw toTargetError(path, error)
  }
}

async function openTemporary(
  path: string,
  existing: Stats | undefined,
  options: FileOptions,
): Promise<FileTarget> {
  const unique = randomUUID().slice(-12)
  const name = basename(path)
  const folder = path.slice(0, path.length - name.length)
  const temporary = `${folder}.${name.slice(0, 40)}.${unique}.part`
  const file = await openFile(temporary, 'wx+', options.mode ?? 0o666)
  if (existing !== undefined) await file.chmod(existing.mode & 0o7777).catch(() => {})
  return {
    ...notResumable,
    path,
    file,
    seekable: true,
    commit: () => giveName(file, temporary, path, options),
    discard: async () => {
      await file.close().catch(() => {})
      await unlink(temporary).catch(() => {})
    },
  }
}

async function openResumable(
  path: string,
  own: PartialFile,
  existing: Stats | undefined,
  options: FileOptions,
): Promise<FileTarget> {
  const mode = existing === undefined ? options.mode : existing.mode & 0o7777
  if (mode !== undefined) await own.handle.chmod(mode).catch(() => {})
  let described = own.partial !== undefined
  return {
    path,
    file: own.handle,
    seekable: true,
    resumable: true,
    partial: own.partial,
    describe: async (validator, total) => {
      await own.describe(validator, total)
      described = true
    },
    commit: async () => {
      await giveName(own.handle, own.path, path, options)
      await own.forget()
    },
    discard: async (error) => {
      await own.handle.close().catch(() => {})
      if (described && canHeal(error)) return own.release()
      await unlink(own.path).catch(() => {})
      return own.forget()
    },
  }
}

/** Whether what has come is worth its place: the network failed or the caller stopped. A full disk is freed at once. */
function canHeal(error: unknown): boolean {
  if (!isIntegrationError(error)) return false
  return (
    error.code === 'FILES_LOCAL_ABORTED' || (error.retryable && !NOT_WORTH_KEEPING.has(error.code))
  )
}

const NOT_WORTH_KEEPING = new Set([
  'FILES_LOCAL_DIGEST_MISMATCHED',
  'FILES_LOCAL_BODY_CORRUPT',
  'FILES_LOCAL_DISK_FULL',
])

const notResumable = { resumable: false, partial: undefined, describe: async () => {} } as const

async function giveName(
  file: OpenFile,
  temporary: string,
  path: string,
  options: FileOptions,
): Promise<void> {
  if (options.fsync === 'file' || options.fsync === 'file-and-folder') await file.sync()
  await file.close()
  if (options.overwrite === false) await linkOnce(temporary, path)
  else await renameFile(temporary, path)
  if (options.fsync === 'file-and-folder') await syncFolder(dirname(path))
}

/** Unlike a rename, a link does not replace what is there. */
async function linkOnce(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
    await unlink(temporary)
  } catch (error) {
    throw toTargetError(path, error)
  }
}

async function openInPlace(path: string): Promise<FileTarget> {
  const file = await openFile(path, 'w')
  return {
    ...notResumable,
    path,
    file,
    seekable: false,
    commit: () => file.close(),
    discard: () => file.close().catch(() => {}),
  }
}

/** What is at a path. A link is followed, so that the file it points to is replaced and not the link. */
async function lookAt(path: string): Promise<{ final: string; existing: Stats | undefined }> {
  const existing = await lookAtEntry(path).catch(absentIsFine)
  if (!existing?.isSymbolicLink()) return { final: path, existing }
  const final = await realpath(path)
  return { final, existing: await stat(final) }
}

async function syncFolder(folder: string): Promise<void> {
  const opened = await openFile(folder, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

function absentIsFine(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Turns what the file system says into an error of ours. */
export function toTargetError(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? ''
  if (code.startsWith('FILES_LOCAL_')) return error as Error
  if (code === 'EEXIST') return exists(path)
  return unwritable(path, (error as Error).message, error)
}

function unwritable(path: string, reason: string, cause?: unknown): Error {
  return permanent(`cannot write to ${path}: ${reason}`, {
    code: 'FILES_LOCAL_TARGET_UNWRITABLE',
    ...(cause !== undefined && { cause }),
    details: { path, phase: 'target' },
  })
}

function exists(path: string): Error {
  return permanent(`${path} exists and the option overwrite is false`, {
    code: 'FILES_LOCAL_TARGET_EXISTS',
    details: { path, phase: 'target' },
  })
}
