import { createHash, randomUUID } from 'node:crypto'
import {
  link,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { storageError, throwIfAborted } from '../storage-errors.ts'

/*
 * Locks between processes that survive `kill -9`.
 *
 * Each provider writes one owner file `owners/<token>` that says which process it is. A lock is a hard link to
 * it, `locks/<hash of the key>`: link() is atomic and fails when the name is there, and a lock always tells its
 * owner. It is held for the few calls of a commit only.
 *
 * A lock whose owner is dead must be broken by exactly one process, or the second would remove the lock that
 * a third has taken since. So whoever breaks a lock of the dead owner T first links `broken/T` (one winner)
 * and, holding that, removes the lock only if it still is T's. Nobody else can remove it, so it cannot change
 * between the look and the removal. A breaker that dies leaves `broken/T`, which is broken the same way.
 */

/** A live owner on another machine cannot be asked; one that has not touched its file for so long is dead. */
const FOREIGN_LEASE_MS = 30_000

/** How long a commit waits for its turn before it gives up. */
const WAIT_MS = 30_000

const MAX_PAUSE_MS = 20

export interface FsLocks {
  /** Runs an action while no other process and no other call of this one holds the lock of the key. */
  readonly withLock: <T>(
    key: string,
    signal: AbortSignal | undefined,
    action: () => Promise<T>,
  ) => Promise<T>
  /** The token of this owner: part of the names of its temporary files. */
  readonly token: string
  /** Removes what owners that are dead have left: their temporary files and their owner files. */
  readonly sweep: (temporaryFolder: string) => Promise<void>
}

interface Owner {
  readonly token: string
  readonly pid: number
  readonly host: string
  readonly startedAt: string
}

/** Opens the lock folder and writes the owner file. */
export async function openFsLocks(folder: string): Promise<FsLocks> {
  const owners = join(folder, 'owners')
  const locks = join(folder, 'locks')
  const broken = join(folder, 'broken')
  for (const each of [owners, locks, broken]) await mkdir(each, { recursive: true })
  const me: Owner = {
    token: randomUUID(),
    pid: process.pid,
    host: hostname(),
    startedAt: await startOf(process.pid),
  }
  const mine = join(owners, me.token)
  await writeFile(mine, JSON.stringify(me), { flag: 'wx' })
  const turns = new Map<string, Promise<unknown>>()

  const breakLock = async (path: string, dead: Owner): Promise<void> => {
    const claim = join(broken, dead.token)
    if (!(await tryLink(mine, claim))) {
      const claimant = await readOwner(claim)
      if (claimant && (await isDead(claim, claimant))) await breakLock(claim, claimant)
      return
    }
    try {
      if ((await readOwner(path))?.token === dead.token) await rm(path, { force: true })
    } finally {
      await rm(claim, { force: true })
    }
  }

  const acquire = async (
    path: string,
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const giveUpAt = performance.now() + WAIT_MS
    for (
      let pauseMs = 1;
      !(await tryLink(mine, path));
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)
    ) {
      throwIfAborted(signal)
      const owner = await readOwner(path)
      if (owner && (await isDead(path, owner))) await breakLock(path, owner)
      if (performance.now() > giveUpAt) throw locked(key, path)
      await sleep(pauseMs * (0.5 + Math.random() / 2))
    }
    const now = new Date()
    await utimes(mine, now, now)
  }

  return {
    token: me.token,
    withLock: (key, signal, action) => {
      const path = join(locks, createHash('sha256').update(key).digest('hex').slice(0, 40))
      const turn = (turns.get(path) ?? Promise.resolve()).then(async () => {
        await acquire(path, key, signal)
        try {
          return await action()
        } finally {
          await unlink(path)
        }
      })
      const settled = turn
        .catch(() => undefined)
        .then(() => {
          if (turns.get(path) === settled) turns.delete(path)
        })
      turns.set(path, settled)
      return turn
    },
    sweep: async (temporaryFolder) => {
      for (const token of await readdir(owners)) {
        const owner = await readOwner(join(owners, token))
        if (token === me.token || !owner || !(await isDead(join(owners, token), owner))) continue
        for (const name of await readdir(temporaryFolder)) {
          if (name.startsWith(token)) await rm(join(temporaryFolder, name), { force: true })
        }
        await rm(join(owners, token), { force: true })
      }
    },
  }
}

async function tryLink(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function isDead(path: string, owner: Owner): Promise<boolean> {
  if (owner.host !== hostname()) {
    const touched = await stat(path).catch(() => undefined)
    return touched !== undefined && Date.now() - touched.mtimeMs > FOREIGN_LEASE_MS
  }
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  // The number may have been given to another process since.
  return (await startOf(owner.pid)) !== owner.startedAt
}

/** When a process began, in the clock ticks of the kernel; empty where the system does not tell (not Linux). */
async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return line.slice(line.lastIndexOf(')')).split(' ')[20] ?? ''
}

function locked(key: string, path: string): Error {
  return storageError(
    'FILES_REMOTE_LOCKED',
    `The key "${key}" has been locked by another process for more than ${WAIT_MS} ms. If no such process lives, remove "${path}".`,
    { outcome: 'not_sent' },
  )
}
