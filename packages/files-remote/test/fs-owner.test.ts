import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openFsLocks } from '../src/fs/fs-lock.ts'
import { createFsStorageProvider } from '../src/fs/index.ts'
import { bytes, readText } from '../src/testing/contract-kit.ts'

const root = await mkdtemp(join(tmpdir(), 'mortise-fs-owner-'))
afterAll(() => rm(root, { recursive: true, force: true }))

/** A process that lives, and that `/proc` does not show, as where it is mounted with `hidepid`. */
const HIDDEN_PID = process.ppid
vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original()
  const readSome = (path: string, ...rest: []) =>
    real.readFile(
      path === `/proc/${HIDDEN_PID}/stat` ? `/proc/${HIDDEN_PID}/hidden` : path,
      ...rest,
    )
  return { ...real, readFile: readSome as typeof real.readFile }
})

const FOREIGN = { token: 'foreign', pid: 1, host: 'elsewhere', startedAt: '' }
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)

async function write(path: string, text: string, at = new Date()): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, text)
  await utimes(path, at, at)
}

describe('owners of a storage folder', () => {
  it('opens beside an owner file that is being written or was cut short', async () => {
    const folder = join(root, 'cut-short')
    await write(join(folder, 'owners', 'empty'), '')
    await write(join(folder, 'owners', 'half'), '{"token":"ha')
    await write(join(folder, 'owners', 'old'), '', daysAgo(2))
    const provider = createFsStorageProvider({ folder })
    await provider.put({ key: 'a', body: bytes('x') })
    expect(await readText(provider, 'a')).toBe('x')
    const left = await readdir(join(folder, 'owners'))
    expect(left).toEqual(expect.arrayContaining(['empty', 'half']))
    expect(left).not.toContain('old')
  })

  it('breaks a lock that does not tell its owner, once it is old', async () => {
    const folder = join(root, 'torn-lock')
    const locks = await openFsLocks(folder)
    const path = await locks.withLock('key', undefined, async () => {
      const [name = ''] = await readdir(join(folder, 'locks'))
      return join(folder, 'locks', name)
    })
    await write(path, '')
    await expect(
      locks.withLock('key', AbortSignal.timeout(60), async () => 'fresh'),
    ).rejects.toMatchObject({ code: 'FILES_REMOTE_ABORTED' })
    await utimes(path, daysAgo(1), daysAgo(1))
    expect(await locks.withLock('key', undefined, async () => 'old')).toBe('old')
    expect(await readdir(join(folder, 'broken'))).toEqual([])
  })

  it('leaves an upload of another machine alone, and takes away what it left long ago', async () => {
    const folder = join(root, 'foreign')
    await write(join(folder, 'owners', 'quiet'), JSON.stringify(FOREIGN), daysAgo(0.5))
    await write(join(folder, 'temporary', 'quiet-1'), 'on its way', daysAgo(0.5))
    await write(join(folder, 'owners', 'gone'), JSON.stringify(FOREIGN), daysAgo(2))
    await write(join(folder, 'temporary', 'gone-1'), 'left', daysAgo(2))
    await write(join(folder, 'owners', 'slow'), JSON.stringify(FOREIGN), daysAgo(2))
    await write(join(folder, 'temporary', 'slow-1'), 'still written')
    await createFsStorageProvider({ folder }).put({ key: 'a', body: bytes('x') })
    expect(await readdir(join(folder, 'temporary'))).toEqual(['quiet-1', 'slow-1'])
    const owners = await readdir(join(folder, 'owners'))
    expect(owners).toEqual(expect.arrayContaining(['quiet', 'slow']))
    expect(owners).not.toContain('gone')
  })

  it('goes on when its owner file was taken away', async () => {
    const folder = join(root, 'swept')
    const locks = await openFsLocks(folder)
    const mine = join(folder, 'owners', locks.token)
    await rm(mine)
    expect(await locks.withLock('key', undefined, async () => 1)).toBe(1)
    expect(JSON.parse(await readFile(mine, 'utf8')).token).toBe(locks.token)
  })

  it('leaves alone what a process holds that the system hides', async () => {
    const folder = join(root, 'hidden')
    const locks = await openFsLocks(folder)
    const mine = JSON.parse(await readFile(join(folder, 'owners', locks.token), 'utf8'))
    const hidden = { ...mine, token: 'hidden', pid: HIDDEN_PID, startedAt: '1' }
    await write(join(folder, 'owners', 'hidden'), JSON.stringify(hidden))
    await createFsStorageProvider({ folder }).put({ key: 'a', body: bytes('x') })
    expect(await readdir(join(folder, 'owners'))).toContain('hidden')
  })
})
