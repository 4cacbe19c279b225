import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PermanentError } from '@mortise/errors'
import { SEGMENTS_CODES } from '../segments-errors.ts'

const TRIES = 3

/**
 * Lets one process have a folder. A lock whose process is gone is taken over.
 * @throws {PermanentError} SEGMENTS_FOLDER_IN_USE
 */
export async function lockFolder(folder: string): Promise<{ release: () => Promise<void> }> {
  const path = join(folder, 'lock')
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(`${process.pid} ${performance.timeOrigin}`)
      await file.close()
      return { release: async () => await rm(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const [pid, born] = (await readFile(path, 'utf8').catch(() => '')).split(' ').map(Number)
      if (isAlive(pid ?? 0, born ?? 0)) throw inUse(folder, pid ?? 0)
      await rm(path, { force: true })
    }
  }
  throw inUse(folder, 0)
}

/** In a container the number of an earlier process is often our own; the time of birth tells them apart. */
function isAlive(pid: number, born: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  if (pid === process.pid) return born === performance.timeOrigin
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function inUse(folder: string, pid: number): PermanentError {
  return new PermanentError(
    `${folder} is in use by process ${pid}; give each process a folder of its own`,
    { code: SEGMENTS_CODES.folderInUse, outcome: 'not_sent' },
  )
}
