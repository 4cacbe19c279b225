import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadObject } from '../download-object.ts'
import {
  bytes,
  type ContractRoom,
  type DefineCheck,
  patterned,
  readAll,
  readText,
  rejectsWith,
} from './contract-kit.ts'

/** Local files go in and come out whole, also by a provider's own `download`. */
export function localFileChecks(define: DefineCheck): void {
  const check = (name: string, run: (room: ContractRoom, folder: string) => Promise<void>) =>
    define(name, async (room) => {
      const folder = await mkdtemp(join(tmpdir(), 'storage-contract-'))
      try {
        await run(room, folder)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })

  check('put stores a local file', async ({ provider, key }, folder) => {
    const path = join(folder, 'source')
    const data = patterned(200_003)
    await writeFile(path, data)
    const { sizeBytes } = await provider.put({ key: key(), body: { path } })
    assert.equal(sizeBytes, data.length)
    assert.ok(Buffer.from(data).equals(await readAll((await provider.get({ key: key() })).body)))
  })

  check(
    'put of an absent local file rejects with FILES_REMOTE_LOCAL_FILE_FAILED and stores nothing',
    async ({ provider, key }, folder) => {
      await provider.put({ key: key(), body: bytes('old') })
      const body = { path: join(folder, 'absent') }
      await rejectsWith(() => provider.put({ key: key(), body }), 'FILES_REMOTE_LOCAL_FILE_FAILED')
      assert.equal(await readText(provider, key()), 'old')
    },
  )

  check('downloadObject writes a whole object to a local file', async (room, folder) => {
    const { provider, key } = room
    const path = join(folder, 'target')
    await writeFile(path, 'old')
    const data = patterned(200_003)
    const { etag } = await provider.put({ key: key(), body: data, mediaType: 'text/csv' })
    const result = await downloadObject(provider, { key: key(), path })
    assert.deepEqual(
      [result.etag, result.sizeBytes, result.mediaType],
      [etag, data.length, 'text/csv'],
    )
    assert.ok(Buffer.from(data).equals(await readFile(path)), 'other bytes')
    assert.deepEqual(await readdir(folder), ['target'])
  })

  check('downloadObject that is refused leaves no file', async ({ provider, key }, folder) => {
    const { etag } = await provider.put({ key: key(), body: bytes('one') })
    await provider.put({ key: key(), body: bytes('two') })
    const path = join(folder, 'target')
    for (const [request, code] of [
      [{ key: key(), path, maxBytes: 2 }, 'FILES_REMOTE_SIZE_LIMIT_EXCEEDED'],
      [{ key: key(), path, ifMatch: etag }, 'FILES_REMOTE_PRECONDITION_FAILED'],
      [{ key: key('absent'), path }, 'FILES_REMOTE_OBJECT_NOT_FOUND'],
    ] as const) {
      await rejectsWith(() => downloadObject(provider, request), code)
      assert.deepEqual(await readdir(folder), [])
    }
  })
}
