import { createHash } from 'node:crypto'
import { link, mkdir, rm, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { storageError, throwIfAborted } from '../storage-errors.ts'
import { isAbsent } from './fs-errors.ts'
import { isDead, newOwner, type Owner, readOwner, sweepOwners, writeOwner } from './fs-owner.ts'

/*
 * Locks between processes that survive `kill -9`.
 *
 * A lock is a hard link to the owner file of its provider, `locks/<hash of the key>`: link() is atomic and fails
 * when the name is there, and a lock always tells its owner. It is held for the few calls of a commit only.
 *
 * A lock whose owner is dead must be broken by exactly one process, or the second would remove the lock that
 * a third has taken since. So whoever breaks a lock of the dead owner T first links `broken/T` (one winner)
 * and, holding that, removes the lock only if it still is T's. Nobody else can remove it, so it cannot change
 * between the look and the removal. A breaker that dies leaves `broken/T`, which is broken the same way.
 */

/** An owner on another machine cannot be asked; a lock that it has held for so long is broken. */
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

/** Opens the lock folder and writes the owner file. */
export async function openFsLocks(folder: string): Promise<FsLocks> {
  const owners = join(folder, 'owners')
  const locks = join(folder, 'locks')
  const broken = join(folder, 'broken')
  for (const each of [owners, locks, broken]) await mkdir(each, { recursive: true })
  const me = await newOwner()
  const mine = join(owners, me.token)
  await writeOwner(owners, me)
  const turns = new Map<string, Promise<unknown>>()

  const breakLock = async (path: string, dead: Owner): Promise<void> => {
    const claim = join(broken, dead.token)
    if (!(await tryLink(mine, claim))) {
      const claimant = await readOwner(claim)
      if (claimant && (await isDead(claim, claimant, FOREIGN_LEASE_MS)))
        await breakLock(claim, claimant)
      return
    }
    try {
      if ((await readOwner(path))?.token === dead.token) await rm(path, { force: true })
    } finally {
      await rm(claim, { force: true })
    }
  }

  // Touched first: a lock must never look as if it had been held since this owner's last one.
  const takeLock = async (path: string): Promise<boolean> => {
    const now = new Date()
    await utimes(mine, now, now).catch((error: unknown) => {
      if (!isAbsent(error)) throw error
      return writeOwner(owners, me)
    })
    return tryLink(mine, path)
  }

  const acquire = async (
    path: string,
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const giveUpAt = performance.now() + WAIT_MS
    for (let pauseMs = 1; !(await takeLock(path)); pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      throwIfAborted(signal)
      const owner = await readOwner(path)
      if (owner && (await isDead(path, owner, FOREIGN_LEASE_MS))) await breakLock(path, owner)
      if (performance.now() > giveUpAt) throw locked(key, path)
      await sleep(pauseMs * (0.5 + Math.random() / 2))
    }
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
    sweep: (temporaryFolder) => sweepOwners(owners, temporaryFolder),
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

function locked(key: string, path: string): Error {
  return storageError(
    'FILES_REMOTE_LOCKED',
    `The key "${key}" has been locked by another process for more than ${WAIT_MS} ms. If no such process lives, remove "${path}".`,
    { outcome: 'not_sent' },
  )
}
