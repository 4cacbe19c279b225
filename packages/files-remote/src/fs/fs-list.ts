import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compareKeys } from '../list-keys.ts'
import { isAbsent } from './fs-errors.ts'
import { pieceOf } from './fs-layout.ts'

/** The keys under a folder, in the order of keys, one folder in memory at a time. Folders that cannot hold a wanted key are not opened. */
export async function* walkKeys(
  folder: string,
  wanted: (prefix: string) => boolean,
  parent = '',
): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return []
    throw error
  })
  const children = entries
    .map((entry) => ({ entry, piece: pieceOf(entry.name) }))
    .filter((child) => child.piece !== undefined)
    .map(({ entry, piece }) => ({ entry, key: parent + piece }))
    .sort(
      (a, b) =>
        compareKeys(a.key, b.key) || Number(a.entry.isDirectory()) - Number(b.entry.isDirectory()),
    )
  for (const { entry, key } of children) {
    if (entry.isFile()) yield key
    else if (entry.isDirectory() && wanted(key))
      yield* walkKeys(join(folder, entry.name), wanted, key)
  }
}
