import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSegmentsUploader, type SegmentTarget } from '../src/index.ts'
import { createLocalSegmentsUploader } from '../src/local/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'

const NOON = new Date('2026-11-21T12:00:00Z')
const KEY = '2026-11-21_segments.json'
const profile = (id: unknown) => ({ traits: { smi_uid: id }, segments: ['a'] })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segments-log-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const memory = () => {
  const target = createMemorySegmentTarget()
  const ids = (): unknown[] =>
    JSON.parse(target.read(KEY) ?? '{"profiles":[]}').profiles.map(
      ({ smi_uid }: { smi_uid: unknown }) => smi_uid,
    )
  return { target, ids }
}
const open = (target: SegmentTarget) =>
  createLocalSegmentsUploader({
    uploader: createSegmentsUploader({ target, commitTimeoutMs: 1 }),
    folder,
    closeTimeoutMs: 20,
  })
const offline = (target: SegmentTarget): SegmentTarget => ({
  ...target,
  stat: () => Promise.reject(new Error('offline')),
})

describe('the local log', () => {
  it('acknowledges without the network and sends when it is there again', async () => {
    const { target, ids } = memory()
    const before = await open(offline(target))
    await expect(before.run(profile('u0'))).resolves.toMatchObject({ port: 'success' })
    await before.upload(profile('u1'), { occurredAt: NOON })
    expect(before.pending()).toBe(2)
    await before.close()

    const after = await open(target)
    await after.flush()
    expect(ids()).toEqual(['u1'])
    expect(after.pending()).toBe(0)
    await after.close()
    await expect(readdir(folder)).resolves.toEqual([])
  })

  it('counts once what was sent before the crash that kept the log', async () => {
    const { target, ids } = memory()
    const first = await open(target)
    await first.upload(profile('u1'), { occurredAt: NOON })
    const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.log'))
    const kept = await readFile(join(folder, name))
    await first.flush()
    await first.close()
    await writeFile(join(folder, name), kept)

    const second = await open(target)
    await second.flush()
    await second.close()
    expect(ids()).toEqual(['u1'])
  })

  it.each([
    ['half a header', [1, 2, 3]],
    ['half a record', [9, 0, 0, 0, 1, 2, 3, 4, 5]],
    ['a record with a wrong checksum', [1, 0, 0, 0, 0, 0, 0, 0, 7]],
  ])('reads what stands before %s at the end', async (_name, torn) => {
    const { target, ids } = memory()
    const before = await open(offline(target))
    await before.upload(profile('u1'), { occurredAt: NOON })
    await before.close()
    const [name = ''] = await readdir(folder)
    await appendFile(join(folder, name), Buffer.from(torn))
    const after = await open(target)
    await after.flush()
    await after.close()
    expect(ids()).toEqual(['u1'])
    await expect(readdir(folder)).resolves.toEqual([])
  })

  it('refuses at the door what cannot be written, and a folder that is in use', async () => {
    const { target } = memory()
    const uploader = await open(target)
    await expect(uploader.upload({})).rejects.toMatchObject({ code: 'SEGMENTS_ID_MISSING' })
    await expect(open(target)).rejects.toMatchObject({ code: 'SEGMENTS_FOLDER_IN_USE' })
    await uploader.close()
    await expect(uploader.upload(profile('u1'))).rejects.toMatchObject({ code: 'SEGMENTS_CLOSED' })
  })

  it('has everything that a killed process acknowledged', async () => {
    const script = fileURLToPath(new URL('./local-victim.ts', import.meta.url))
    const child = spawn(process.execPath, ['--conditions=@mortise/source', script, folder])
    let acknowledged = ''
    child.stdout.on('data', (chunk: Buffer) => {
      acknowledged += chunk
      if (acknowledged.length > 2_000) child.kill('SIGKILL')
    })
    await new Promise((resolve) => child.on('close', resolve))
    const { target, ids } = memory()
    const after = await open(target)
    await after.flush()
    await after.close()
    const kept = new Set(ids())
    const lines = acknowledged.split('\n').slice(0, -1)
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.filter((id) => !kept.has(id))).toEqual([])
  })
})
