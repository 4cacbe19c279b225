import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3StorageProvider, removeLeftoverUploads } from '../src/s3/index.ts'
import { patterned, readAll } from '../src/testing/contract-kit.ts'
import { clientConfig, makeBucket } from './s3-harness.ts'

const PART_BYTES = 5 * 1024 * 1024

// Other processes are started here.
vi.setConfig({ testTimeout: 30_000 })

describeWithS3('interrupted uploads of createS3StorageProvider', () => {
  let bucket: Awaited<ReturnType<typeof makeBucket>>
  let folder: string
  let path: string
  let resumeFolder: string
  const data = Buffer.from(patterned(4 * PART_BYTES + 99))
  const server = () => {
    const found = inject('s3')
    if (!found) throw new Error('no S3 server')
    return found
  }

  beforeAll(async () => {
    bucket = await makeBucket(server())
    folder = await mkdtemp(join(tmpdir(), 'mortise-resume-'))
    path = join(folder, 'large')
    resumeFolder = join(folder, 'journals')
    await writeFile(path, data)
  })
  afterAll(async () => {
    await bucket.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const uploads = async () =>
    (await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))).Uploads ??
    []

  /** A process that uploads two parts and is killed. */
  const interrupted = async (key: string) => {
    const config = clientConfig(server())
    const options = { config, bucket: bucket.name, key, path, resumeFolder, partBytes: PART_BYTES }
    const script = join(import.meta.dirname, 'children', 'upload.ts')
    const child = spawn(
      process.execPath,
      ['--conditions=@mortise/source', script, JSON.stringify(options)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    for await (const line of child.stdout) if (String(line).includes('stored 2')) break
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Goes on in this process; answers how many parts it had to send. */
  const goOn = async (key: string) => {
    const client = new S3Client(clientConfig(server()))
    let sent = 0
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context.commandName === 'UploadPartCommand') sent += 1
        return next(args)
      },
      { step: 'initialize' },
    )
    const provider = createS3StorageProvider({
      bucket: bucket.name,
      client,
      partBytes: PART_BYTES,
      resumeFolder,
    })
    await provider.put({ key, body: { path } })
    const { body } = await provider.get({ key })
    return { sent, same: data.equals(await readAll(body)) }
  }

  it('go on after kill -9 with the parts that are missing', async () => {
    await interrupted('resumed')
    expect(await uploads()).toHaveLength(1)
    expect(await goOn('resumed')).toEqual({ sent: 3, same: true })
    expect(await uploads()).toEqual([])
    expect(await readdir(resumeFolder)).toEqual([])
  })

  it('begin anew when the file has changed since, and remove the parts of the old one', async () => {
    await interrupted('changed')
    data[0] = (data[0] ?? 0) ^ 1
    await writeFile(path, data)
    const later = new Date(1_700_000_000_000)
    await utimes(path, later, later)
    expect(await goOn('changed')).toEqual({ sent: 5, same: true })
    expect(await uploads()).toEqual([])
  })

  it('send a part again whose bytes have changed although the file looks the same', async () => {
    const time = new Date(1_600_000_000_000)
    await utimes(path, time, time)
    await interrupted('disguised')
    data[1] = (data[1] ?? 0) ^ 1
    await writeFile(path, data)
    await utimes(path, time, time)
    expect(await goOn('disguised')).toEqual({ sent: 4, same: true })
  })

  it('are removed as leftovers when they are old enough', async () => {
    for (const Key of ['other', 'another']) {
      await bucket.client.send(new CreateMultipartUploadCommand({ Bucket: bucket.name, Key }))
    }
    const options = { bucket: bucket.name, client: bucket.client }
    expect(await removeLeftoverUploads({ ...options, olderThanMs: 3_600_000 })).toEqual({
      removed: 0,
    })
    expect(await removeLeftoverUploads({ ...options, olderThanMs: 0, prefix: 'oth' })).toEqual({
      removed: 1,
    })
    const inTwoHours = () => Date.now() + 7_200_000
    expect(
      await removeLeftoverUploads({ ...options, olderThanMs: 3_600_000, now: inTwoHours }),
    ).toEqual({ removed: 1 })
    expect(await uploads()).toEqual([])
  })
})
