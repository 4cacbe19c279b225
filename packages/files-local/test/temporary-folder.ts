import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that goes away with its test. */
export async function temporaryFolder(): Promise<
  AsyncDisposable & { path: string; file: (name: string) => string; list: () => Promise<string[]> }
> {
  const path = await mkdtemp(join(tmpdir(), 'mortise-files-local-'))
  return {
    path,
    file: (name) => join(path, name),
    list: async () => (await readdir(path)).toSorted(),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
