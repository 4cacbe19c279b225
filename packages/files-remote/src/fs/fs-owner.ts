import { randomUUID } from 'node:crypto'
import { readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/*
 * Who works in a folder. Each provider writes one file `owners/<token>` that says which process it is, so that
 * others can tell what the living hold from what the dead have left.
 */

/** How long the files of an owner that cannot be asked stay untouched before they count as left behind. */
const LEFTOVER_AGE_MS = 24 * 3_600_000

export interface Owner {
  readonly token: string
  readonly pid: number
  /** The machine and its process namespace: within one the process number says who lives. */
  readonly host: string
  readonly startedAt: string
}

/** This process as an owner. */
export async function newOwner(): Promise<Owner> {
  return {
    token: randomUUID(),
    pid: process.pid,
    host: await hostOf(),
    startedAt: await startOf(process.pid),
  }
}

export async function writeOwner(owners: string, owner: Owner): Promise<void> {
  await writeFile(join(owners, owner.token), JSON.stringify(owner))
}

/** The owner that a file tells; `undefined` when the file is gone. */
export async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner
  } catch (error) {
    if (error instanceof SyntaxError) return unreadableOwner(path)
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether an owner is dead. One that cannot be asked is, when its file has not been touched for the given time. */
export async function isDead(path: string, owner: Owner, untouchedMs: number): Promise<boolean> {
  if (owner.host !== (await hostOf())) return isOlder(path, untouchedMs)
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  // The number may have been given to another process since. Some systems hide the processes of other users.
  const startedAt = await startOf(owner.pid)
  return startedAt !== '' && startedAt !== owner.startedAt
}

/** Removes what dead owners have left: their temporary files and their owner files. */
export async function sweepOwners(owners: string, temporaryFolder: string): Promise<void> {
  const here = await hostOf()
  for (const token of await readdir(owners)) {
    const path = join(owners, token)
    const owner = await readOwner(path)
    if (!owner || !(await isDead(path, owner, LEFTOVER_AGE_MS))) continue
    const left = (await readdir(temporaryFolder))
      .filter((name) => name.startsWith(token))
      .map((name) => join(temporaryFolder, name))
    // What another machine still writes shows that its owner lives.
    if (owner.host !== here && !(await areOlder(left, LEFTOVER_AGE_MS))) continue
    for (const each of [...left, path]) await rm(each, { force: true })
  }
}

async function areOlder(paths: readonly string[], ageMs: number): Promise<boolean> {
  const older = await Promise.all(paths.map((path) => isOlder(path, ageMs)))
  return !older.includes(false)
}

/** A file cut short: its process is about to write it, or died doing so. It cannot be asked; its age decides. */
async function unreadableOwner(path: string): Promise<Owner | undefined> {
  const stats = await stat(path).catch(() => undefined)
  return stats && { token: `unreadable-${stats.ino}`, pid: 0, host: '', startedAt: '' }
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats !== undefined && Date.now() - stats.mtimeMs > ageMs
}

async function hostOf(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '')
  return `${hostname()} ${namespace}`.trim()
}

/** When a process began, in the clock ticks of the kernel; empty where the system does not tell (not Linux, `hidepid`). */
async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return line.slice(line.lastIndexOf(')')).split(' ')[20] ?? ''
}
