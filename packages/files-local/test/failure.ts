import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { type DownloadOptions, downloadToFile } from '../src/index.ts'
import { loopback } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What a failing download rejects with, after checking that it left nothing behind. */
export async function failure(url: string, options: DownloadOptions): Promise<unknown> {
  await using folder = await temporaryFolder()
  await writeFile(folder.file('kept.bin'), 'before')
  const error = await downloadToFile(url, folder.file('kept.bin'), {
    ...loopback,
    maxAttempts: 1,
    ...options,
  }).then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  )
  expect(await folder.list()).toEqual(['kept.bin'])
  expect(await readFile(folder.file('kept.bin'), 'utf8')).toBe('before')
  return error
}
