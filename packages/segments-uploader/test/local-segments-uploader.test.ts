import { spawn } from 'node:child_process'
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isIntegrationError } from '@mortise/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSegmentsUploader, type SegmentTarget } from '../src/index.ts'
import { createLocalSegmentsUploader } from '../src/local/index.ts'
import { encodeRecord } from '../src/local/log-records.ts'
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
    ['the zeros that a crash left', Array.from({ length: 64 }, () => 0)],
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

  it('keeps a file that was damaged inside until its good records are sent, then beside', async () => {
    const { target, ids } = memory()
    const before = await open(offline(target))
    await before.upload(profile('u1'), { occurredAt: NOON })
    await before.close()
    const [name = ''] = await readdir(folder)
    await appendFile(join(folder, name), Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 7, 7]))
    const killed = await open(offline(target))
    await killed.close()
    const after = await open(target)
    await after.flush()
    await after.close()
    expect(ids()).toEqual(['u1'])
    await expect(readdir(folder)).resolves.toEqual([`${name}.damaged`])
  })

  it.each(['', 'null', '{"key":1}', '{"key":"k","at":null,"payload":{}}', '{'])(
    'names a record that is no event, keeps it and goes on: %j',
    async (text) => {
      const { target, ids } = memory()
      const record = Buffer.concat(encodeRecord(Buffer.from(text)))
      await writeFile(join(folder, '0000000001.log'), Buffer.concat([record, Buffer.from([1])]))
      const codes: string[] = []
      const uploader = createSegmentsUploader({ target })
      const onDiagnostic = ({ code }: { code: string }) => {
        codes.push(code)
        throw new Error('a listener that fails')
      }
      const log = await createLocalSegmentsUploader({ uploader, folder, onDiagnostic })
      await log.upload(profile('u1'), { occurredAt: NOON })
      await log.flush()
      await log.close()
      expect(ids()).toEqual(['u1'])
      expect(codes).toEqual(['SEGMENTS_LOG_DAMAGED'])
    },
  )

  it.each([
    [{ occurredAt: new Date(Number.NaN) }, /^occurredAt: /],
    [{ occurredAt: '2026-11-21' }, /^occurredAt: /],
    [{ idempotencyKey: '' }, /^idempotencyKey: /],
    [{ idempotencyKey: 7 }, /^idempotencyKey: /],
    [null, /^options: /],
  ])('refuses at once what it could never send: %j', async (request, message) => {
    const uploader = await open(memory().target)
    const upload = uploader.upload(profile('u1'), request as object)
    await expect(upload).rejects.toThrow(message)
    await expect(upload).rejects.toThrow(TypeError)
    expect(uploader.pending()).toBe(0)
    await uploader.close()
  })

  it('refuses at once a payload of which JSON leaves nothing', async () => {
    const uploader = await open(memory().target)
    await expect(uploader.upload({ ...profile('u1'), toJSON: () => ({}) })).rejects.toMatchObject({
      code: 'SEGMENTS_ID_MISSING',
    })
    await uploader.close()
  })

  it.each([
    [undefined, /^options: /],
    [{ uploader: {} }, /^uploader: /],
    [{ folder: '' }, /^folder: /],
    [{ maxPendingBytes: Number.NaN }, /^maxPendingBytes: received NaN/],
    [{ closeTimeoutMs: Number.NaN }, /^closeTimeoutMs: received NaN/],
    [{ onDiagnostic: true }, /^onDiagnostic: /],
  ])('refuses wrong options by name: %j', async (wrong, message) => {
    const uploader = createSegmentsUploader({ target: memory().target })
    const options = wrong && { uploader, folder, ...wrong }
    const created = createLocalSegmentsUploader(options as never)
    await expect(created).rejects.toThrow(message)
    await expect(created).rejects.toThrow(TypeError)
  })

  it('gives the folder back when its log cannot be opened', async () => {
    const { target } = memory()
    await mkdir(join(folder, '0000000001.log'))
    await expect(open(target)).rejects.toMatchObject({ code: 'EISDIR' })
    await rmdir(join(folder, '0000000001.log'))
    const uploader = await open(target)
    await uploader.close()
  })

  it('closes for everybody who waits for it, however long it may take', async () => {
    const { target, ids } = memory()
    const uploader = await createLocalSegmentsUploader({
      uploader: createSegmentsUploader({ target, windowMs: 50 }),
      folder,
      closeTimeoutMs: Number.POSITIVE_INFINITY,
    })
    await uploader.upload(profile('u1'), { occurredAt: NOON })
    void uploader.close()
    await uploader.close()
    expect(ids()).toEqual(['u1'])
    await expect(readdir(folder)).resolves.toEqual([])
  })

  it('says of a disk that fails that the event may be on it', async () => {
    const uploader = await open(memory().target)
    await rm(folder, { recursive: true })
    const upload = uploader.upload(profile('u1'))
    await expect(upload).rejects.toSatisfy(isIntegrationError)
    await expect(upload).rejects.toMatchObject({
      outcome: 'unknown',
      message: expect.stringContaining('ENOENT'),
    })
    await uploader.close()
    await mkdir(folder)
  })
})
