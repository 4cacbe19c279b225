import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { createFsStorageProvider } from '../src/fs/index.ts'
import { bytes, names, patterned, readAll, readText } from '../src/testing/contract-kit.ts'

vi.setConfig({ testTimeout: 60_000 })

const root = await mkdtemp(join(tmpdir(), 'mortise-fs-processes-'))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rm(root, { recursive: true, force: true }))

function startWriter(options: {
  folder: string
  key: string
  times?: number
  endless?: boolean
}): ChildProcess {
  const script = join(import.meta.dirname, 'children', 'fs-writer.ts')
  const child = spawn(
    process.execPath,
    ['--conditions=@mortise/source', script, JSON.stringify(options)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  children.push(child)
  return child
}

describe('createFsStorageProvider between processes', () => {
  it('loses no update of four processes that write one key', async () => {
    const folder = join(root, 'counter')
    const provider = createFsStorageProvider({ folder, durable: false })
    await provider.put({ key: 'a/count', body: bytes('0') })
    const writers = Array.from({ length: 4 }, () =>
      startWriter({ folder, key: 'a/count', times: 50 }),
    )
    const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0]))
    expect(codes).toEqual([0, 0, 0, 0])
    expect(await readText(provider, 'a/count')).toBe('200')
    expect((await provider.stat({ key: 'a/count' }))?.metadata).toEqual({ count: '200' })
  })

  it('goes on after kill -9 of writers, with every object whole and nothing left behind', async () => {
    const folder = join(root, 'killed')
    const provider = createFsStorageProvider({ folder, durable: false })
    await provider.put({ key: 'count', body: bytes('0') })
    for (let round = 0; round < 6; round += 1) {
      const writer = startWriter({ folder, key: 'count', endless: true })
      await once(writer.stdout as NonNullable<typeof writer.stdout>, 'data')
      await new Promise((resolve) => setTimeout(resolve, round * 7))
      writer.kill('SIGKILL')
      await once(writer, 'exit')
      const { body, etag, metadata } = await provider.get({ key: 'count' })
      const count = String(await readAll(body))
      expect(metadata).toEqual({ count })
      await provider.put({ key: 'count', body: bytes(count), metadata: { count }, ifMatch: etag })
    }
    const next = createFsStorageProvider({ folder })
    await next.stat({ key: 'count' })
    expect(await readdir(join(folder, 'temporary'))).toEqual([])
    expect(await readdir(join(folder, 'locks'))).toEqual([])
    expect(await readdir(join(folder, 'broken'))).toEqual([])
  })

  it('breaks the lock of a dead process once, whoever waits for it', async () => {
    const folder = join(root, 'stale')
    const provider = createFsStorageProvider({ folder })
    await provider.put({ key: 'a', body: bytes('x') })
    const [mine] = await readdir(join(folder, 'owners'))
    const owner = JSON.parse(await readFile(join(folder, 'owners', mine ?? ''), 'utf8'))
    const lock = await lockNameOf(folder, provider)
    await writeFile(
      join(folder, 'locks', lock),
      JSON.stringify({ ...owner, token: 'dead', pid: 2 ** 22 + 1 }),
    )
    const others = Array.from({ length: 4 }, () => createFsStorageProvider({ folder }))
    await Promise.all(
      others.map((other, index) => other.put({ key: 'a', body: bytes(String(index)) })),
    )
    expect(await readdir(join(folder, 'locks'))).toEqual([])
    expect(await readdir(join(folder, 'broken'))).toEqual([])
  })

  it('waits for the lock of a live process until the signal fires', async () => {
    const folder = join(root, 'held')
    const provider = createFsStorageProvider({ folder })
    await provider.put({ key: 'a', body: bytes('x') })
    const [mine] = await readdir(join(folder, 'owners'))
    const owner = JSON.parse(await readFile(join(folder, 'owners', mine ?? ''), 'utf8'))
    await writeFile(
      join(folder, 'locks', await lockNameOf(folder, provider)),
      JSON.stringify({ ...owner, token: 'other' }),
    )
    const call = provider.put({ key: 'a', body: bytes('y'), signal: AbortSignal.timeout(100) })
    await expect(call).rejects.toMatchObject({ code: 'FILES_REMOTE_ABORTED' })
    expect(await readText(provider, 'a')).toBe('x')
  })
})

/** The name of the lock of the key "a": seen while a put of it holds it. */
async function lockNameOf(
  folder: string,
  provider: ReturnType<typeof createFsStorageProvider>,
): Promise<string> {
  for (;;) {
    const put = provider.put({ key: 'a', body: bytes('x') })
    let seen: string | undefined
    for (let look = 0; look < 200 && !seen; look += 1) [seen] = await readdir(join(folder, 'locks'))
    await put
    if (seen) return seen
  }
}

describe('the folder of createFsStorageProvider', () => {
  it('keeps objects as plain files whose paths tell their keys', async () => {
    const folder = join(root, 'plain')
    const provider = createFsStorageProvider({ folder })
    await provider.put({ key: 'reports/2026/a b.txt', body: bytes('plain') })
    expect(
      await readFile(join(folder, 'objects', 'reports%2F', '2026%2F', 'a%20b.txt'), 'utf8'),
    ).toBe('plain')
    await provider.delete({ key: 'reports/2026/a b.txt' })
    expect(await readdir(join(folder, 'objects'))).toEqual([])
    expect(await readdir(join(folder, 'records'))).toEqual([])
  })

  it('reads a file that somebody else has put there, until it changes', async () => {
    const folder = join(root, 'foreign')
    const provider = createFsStorageProvider({ folder })
    expect(await names(provider.list())).toEqual([])
    const path = join(folder, 'objects', 'foreign.txt')
    await writeFile(path, 'one')
    const first = await provider.stat({ key: 'foreign.txt' })
    expect(first).toMatchObject({ sizeBytes: 3, mediaType: 'application/octet-stream' })
    await writeFile(path, 'three')
    expect((await provider.stat({ key: 'foreign.txt' }))?.etag).not.toBe(first?.etag)
  })

  it('does not follow links out of it, neither to read nor to write', async () => {
    const folder = join(root, 'links')
    const secret = join(root, 'secret')
    await mkdir(secret)
    await writeFile(join(secret, 'file'), 'secret')
    const provider = createFsStorageProvider({ folder })
    await provider.put({ key: 'dir/a', body: bytes('x') })
    await symlink(secret, join(folder, 'objects', 'out%2F'))
    await symlink(join(secret, 'file'), join(folder, 'objects', 'link'))
    await expect(provider.get({ key: 'out/file' })).rejects.toMatchObject({
      code: 'FILES_REMOTE_REJECTED',
    })
    await expect(provider.get({ key: 'link' })).rejects.toMatchObject({
      code: 'FILES_REMOTE_REJECTED',
    })
    await expect(provider.put({ key: 'out/new', body: bytes('x') })).rejects.toMatchObject({
      code: 'FILES_REMOTE_REJECTED',
    })
    expect(await readdir(secret)).toEqual(['file'])
    expect(await names(provider.list())).toEqual(['dir/a'])
  })

  it('never shows a torn object while it is overwritten', async () => {
    const provider = createFsStorageProvider({ folder: join(root, 'torn'), durable: false })
    const versions = [patterned(300_000, 1), patterned(400_000, 2)].map((data) => Buffer.from(data))
    await provider.put({ key: 'a', body: versions[0] as Buffer, metadata: { version: '0' } })
    let writing = true
    const writer = (async () => {
      for (let turn = 1; turn <= 60; turn += 1) {
        await provider.put({
          key: 'a',
          body: versions[turn % 2] as Buffer,
          metadata: { version: String(turn % 2) },
        })
      }
      writing = false
    })()
    let reads = 0
    for (; writing; reads += 1) {
      const { body, metadata, sizeBytes } = await provider.get({ key: 'a' })
      const expected = versions[Number(metadata?.version)] as Buffer
      expect(sizeBytes).toBe(expected.length)
      expect(expected.equals(await readAll(body))).toBe(true)
    }
    await writer
    expect(reads).toBeGreaterThan(10)
  })

  // Only Linux shows what a process has open.
  it.runIf(existsSync('/proc/self/fd'))(
    'closes what it has opened, also for a body that nobody reads',
    async () => {
      const provider = createFsStorageProvider({ folder: join(root, 'handles') })
      await provider.put({ key: 'a', body: patterned(1_000_000) })
      const before = (await readdir('/proc/self/fd')).length
      for (let turn = 0; turn < 20; turn += 1) {
        const { body } = await provider.get({ key: 'a' })
        const closed = once(body, 'close')
        body.destroy()
        await closed
      }
      expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before)
    },
  )
})
