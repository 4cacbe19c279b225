import { close, createReadStream, fchmod, fsync, ftruncate, open } from 'node:fs'
import { promisify } from 'node:util'

/** What is needed of an open file; a `FileHandle` of Node is one too. */
export interface OpenFile {
  readonly fd: number
  chmod(mode: number): Promise<void>
  truncate(length: number): Promise<void>
  sync(): Promise<void>
  /** Closes it once, however often it is called. */
  close(): Promise<void>
}

const openDescriptor = promisify(open)
const closeDescriptor = promisify(close)
const changeMode = promisify(fchmod)
const truncate = promisify(ftruncate)
const sync = promisify(fsync)

/** Opens a file without a `FileHandle`, which costs more than everything else that is done to a small file. */
export async function openFile(path: string, flags: string, mode?: number): Promise<OpenFile> {
  const fd = await openDescriptor(path, flags, mode)
  let closed: Promise<void> | undefined
  return {
    fd,
    chmod: (bits) => changeMode(fd, bits),
    truncate: (length) => truncate(fd, length),
    sync: () => sync(fd),
    // Closed again, the number may be another file's.
    close: () => (closed ??= closeDescriptor(fd)),
  }
}

/** Reads a file that stays open, from its start to before `end`. */
export function readBack({ fd }: OpenFile, end = Number.POSITIVE_INFINITY): AsyncIterable<Buffer> {
  const highWaterMark = 1024 * 1024
  return createReadStream('', { fd, start: 0, end: end - 1, autoClose: false, highWaterMark })
}
