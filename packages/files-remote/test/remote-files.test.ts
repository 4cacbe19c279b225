import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PermanentError } from '@mortise/errors'
import { afterAll, describe, expect, it } from 'vitest'
import { createRemoteFiles, type StorageProvider } from '../src/index.ts'
import { createMemoryStorageProvider } from '../src/memory/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'mortise-remote-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const provider = createMemoryStorageProvider()
const files = createRemoteFiles(provider)
const filePath = join(folder, 'source.txt')
await writeFile(filePath, 'hello')

describe('createRemoteFiles', () => {
  it('upload answers the fileKey and stores the file', async () => {
    expect(await files.upload({ fileKey: 'a/b.txt', filePath })).toEqual({ fileKey: 'a/b.txt' })
    expect((await provider.stat({ key: 'a/b.txt' }))?.sizeBytes).toBe(5)
  })

  it('upload of a missing local path rejects with an Error that names it', async () => {
    const call = files.upload({ fileKey: 'x', filePath: join(folder, 'nowhere') })
    await expect(call).rejects.toBeInstanceOf(PermanentError)
    await expect(call).rejects.toMatchObject({
      name: 'Error',
      code: 'FILES_REMOTE_LOCAL_FILE_FAILED',
      message: `The local path "${join(folder, 'nowhere')}" does not exist.`,
    })
  })

  it('download writes the file and answers success', async () => {
    const pathToWrite = join(folder, 'target.txt')
    expect(await files.download({ fileKey: 'a/b.txt', pathToWrite })).toEqual({ success: true })
    expect(await readFile(pathToWrite, 'utf8')).toBe('hello')
  })

  it('download above sizeLimit fails with the message of the contract and leaves nothing', async () => {
    const before = await readdir(folder)
    const pathToWrite = join(folder, 'limited.txt')
    await expect(files.download({ fileKey: 'a/b.txt', pathToWrite, sizeLimit: 4 })).rejects.toThrow(
      /^File size limit exceeded. File size: 5 bytes, limit: 4 bytes.$/,
    )
    expect(await readdir(folder)).toEqual(before)
    await files.download({ fileKey: 'a/b.txt', pathToWrite, sizeLimit: 5 })
  })

  it('download into a missing folder rejects with FILES_REMOTE_LOCAL_FILE_FAILED', async () => {
    const pathToWrite = join(folder, 'no', 'such', 'folder')
    await expect(files.download({ fileKey: 'a/b.txt', pathToWrite })).rejects.toMatchObject({
      code: 'FILES_REMOTE_LOCAL_FILE_FAILED',
    })
  })

  it('getSignedUrl of a missing file is null', async () => {
    expect(await files.getSignedUrl({ fileKey: 'absent' })).toBeNull()
  })

  it('getSignedUrl signs for 1800 seconds unless told otherwise', async () => {
    const asked: number[] = []
    const signing: StorageProvider = {
      ...provider,
      signUrl: async ({ method, expiresInSeconds = 0 }) => {
        asked.push(expiresInSeconds)
        return { method, url: 'https://signed', headers: {}, fields: {}, expiresAt: new Date() }
      },
    }
    const signed = createRemoteFiles(signing)
    expect(await signed.getSignedUrl({ fileKey: 'a/b.txt' })).toEqual({
      fileKey: 'a/b.txt',
      signedUrl: 'https://signed',
      expiresIn: 1800,
    })
    await signed.getSignedUrl({ fileKey: 'a/b.txt', expiresIn: 60 })
    expect(asked).toEqual([1800, 60])
    await expect(signed.getSignedUrl({ fileKey: 'a/b.txt', expiresIn: 0 })).rejects.toThrow(
      'expiresIn must be a whole number of seconds from 1 to 604800 (seven days), got 0.',
    )
  })

  it('fileExists is false for an absent file only', async () => {
    expect(await files.fileExists({ fileKey: 'a/b.txt' })).toBe(true)
    expect(await files.fileExists({ fileKey: 'absent' })).toBe(false)
    const broken = { ...provider, stat: () => Promise.reject(new Error('down')) }
    await expect(createRemoteFiles(broken).fileExists({ fileKey: 'x' })).rejects.toThrow('down')
  })
})
