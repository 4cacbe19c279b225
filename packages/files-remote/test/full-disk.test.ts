import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, it } from 'vitest'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { clientConfig, makeBucket } from './s3-harness.ts'

const UNSHARE = '/usr/bin/unshare'
const MOUNT = 'mount -t tmpfs -o size=1m none "$1" && shift && exec "$@"'

/** A disk of 1 MiB, mounted where only the child sees it, needs Linux and root. */
function canMount(): boolean {
  try {
    execFileSync(UNSHARE, ['-m', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

it.runIf(canMount())(
  'a disk that fills up is FILES_REMOTE_DISK_FULL, and nothing is left on it',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mortise-full-'))
    const server = inject('s3')
    const bucket = server && (await makeBucket(server))
    const s3 = bucket && { bucket: bucket.name, clientConfig: clientConfig(server), key: 'large' }
    try {
      if (s3)
        await createS3StorageProvider(s3).put({ key: 'large', body: new Uint8Array(20_000_000) })
      const script = join(import.meta.dirname, 'children', 'full-disk.ts')
      const node = [
        process.execPath,
        '--conditions=@mortise/source',
        script,
        JSON.stringify({ folder, s3 }),
      ]
      const { stdout } = await promisify(execFile)(UNSHARE, [
        '-m',
        'sh',
        '-c',
        MOUNT,
        'sh',
        folder,
        ...node,
      ])
      expect(JSON.parse(stdout)).toEqual({
        generic: 'FILES_REMOTE_DISK_FULL',
        s3: 'FILES_REMOTE_DISK_FULL',
        left: [],
        fs: 'FILES_REMOTE_DISK_FULL',
        temporary: [],
      })
    } finally {
      await bucket?.remove()
      await rm(folder, { recursive: true, force: true })
    }
  },
  30_000,
)
