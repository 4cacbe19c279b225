import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What an earlier call left of a file, and of which version it is. */
export interface Partial {
  /** Bytes that are there. */
  offset: number
  /** The strong entity tag that they belong to. */
  validator: string
  total: number | undefined
}

/** A partial file that later calls can go on with. It is locked, so that only one of them does. */
export interface PartialFile {
  path: string
  handle: FileHandle
  partial: Partial | undefined
  /** Notes which version is being written, before its first byte. */
  describe(validator: string, total: number | undefined): Promise<void>
  /** The notes and the lock go; the file has its name or is not wanted. */
  forget(): Promise<void>
  /** The lock goes; file and notes stay for a later call. */
  release(): Promise<void>
}

const MAX_NAME_BYTES = 200
const START_TOLERANCE_MS = 5000

interface Notes {
  v: 1
  source: string
  validator: string
  total?: number
}

/**
 * Opens what an earlier call left of `path`, or starts it. The file `.name.part` holds the bytes, `.name.part.json` says
 * which version of which address they are of. Undefined when another process has it, or when it is not a file of ours:
 * its name can be guessed, and whoever may write to the folder could let it stand for any other file.
 */
export async function openPartialFile(path: string, url: URL): Promise<PartialFile | undefined> {
  const part = join(dirname(path), `.${shorten(basename(path))}.part`)
  const notesPath = `${part}.json`
  const lockPath = `${part}.lock`
  if (!(await lock(lockPath))) return undefined
  const source = hashAddress(url)
  try {
    const handle = await openOwn(part, O_RDWR)
    if (handle === undefined) {
      await rm(lockPath, { force: true })
      return undefined
    }
    return {
      path: part,
      handle,
      partial: await readPartial(handle, notesPath, source),
      describe: (validator, total) => {
        const notes: Notes = { v: 1, source, validator, ...(total !== undefined && { total }) }
        return writeNotes(notesPath, notes)
      },
      forget: async () => {
        await rm(notesPath, { force: true })
        await rm(lockPath, { force: true })
      },
      release: () => rm(lockPath, { force: true }),
    }
  } catch (error) {
    await rm(lockPath, { force: true })
    throw error
  }
}

/** Not every system can refuse links. */
const { O_CREAT, O_NOFOLLOW = 0, O_RDWR, O_WRONLY } = constants

/** Opens a file, or makes it, unless it is a link or somebody else's. */
async function openOwn(path: string, access: number): Promise<FileHandle | undefined> {
  const handle = await open(path, access | O_CREAT | O_NOFOLLOW).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ELOOP') throw error
    },
  )
  if (handle === undefined) return undefined
  const stats = await handle.stat()
  const own = stats.uid === (process.getuid?.() ?? stats.uid)
  if (own && stats.nlink === 1 && stats.isFile()) return handle
  await handle.close()
  return undefined
}

/** Without notes the file is not gone on with, so they may be missing. */
async function writeNotes(path: string, notes: Notes): Promise<void> {
  const handle = await openOwn(path, O_WRONLY)
  if (handle === undefined) return
  try {
    await handle.truncate(0)
    await handle.writeFile(JSON.stringify(notes))
  } finally {
    await handle.close()
  }
}

/** File systems take 255 bytes; the endings need some of them. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name
  return createHash('sha256').update(name).digest('hex')
}

/** The query is left out: signatures in it differ from call to call. */
function hashAddress(url: URL): string {
  return createHash('sha256')
    .update(url.origin + url.pathname)
    .digest('hex')
}

async function readPartial(
  handle: FileHandle,
  notesPath: string,
  source: string,
): Promise<Partial | undefined> {
  const { size } = await handle.stat()
  const notes = await readFile(notesPath, 'utf8').then(parseNotes, () => undefined)
  const fits = notes?.source === source && size > 0 && size <= (notes.total ?? size)
  if (fits) return { offset: size, validator: notes.validator, total: notes.total }
  if (size > 0) await handle.truncate(0)
  return undefined
}

function parseNotes(text: string): Notes | undefined {
  try {
    const notes = JSON.parse(text) as Notes
    return notes.v === 1 && typeof notes.validator === 'string' ? notes : undefined
  } catch {
    return undefined
  }
}

/** Takes the lock unless a process that is alive has it. */
async function lock(path: string): Promise<boolean> {
  if (await createLock(path)) return true
  if (await isHeld(path)) return false
  // Of several that find a dead lock only one can move it away; who moves a live one puts it back.
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  )
  if (moved && (await isHeld(aside))) {
    await rename(aside, path)
    return false
  }
  if (moved) await rm(aside, { force: true })
  return createLock(path)
}

async function createLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid} ${startedAt()}`, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isHeld(path: string): Promise<boolean> {
  const [pid = 0, start = 0] = (await readFile(path, 'utf8').catch(() => '')).split(' ').map(Number)
  if (!Number.isInteger(pid) || pid <= 0) return false
  // In a container every process may have had our number.
  if (pid === process.pid) return Math.abs(start - startedAt()) < START_TOLERANCE_MS
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When this process started, as far as the clock has not been set since. */
function startedAt(): number {
  return Math.round(Date.now() - process.uptime() * 1000)
}
