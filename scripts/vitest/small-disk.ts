import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { it } from 'vitest'

const UNSHARE = '/usr/bin/unshare'
const MOUNT = 'mount -t tmpfs -o "size=$1" none "$2" && shift 2 && exec "$@"'

/** Tests on a {@link smallDisk}: they need Linux and root. */
export const itWithSmallDisk = it.runIf(canMount())

/** A folder that holds so many MiB, mounted where only the commands that `run` starts see it. */
export async function smallDisk(mebibytes: number): Promise<
  AsyncDisposable & {
    path: string
    /** What the command prints. */
    run(command: readonly string[]): Promise<string>
  }
> {
  const path = await mkdtemp(join(tmpdir(), 'mortise-full-'))
  return {
    path,
    run: async (command) => {
      const args = ['-m', 'sh', '-c', MOUNT, 'sh', `${mebibytes}m`, path, ...command]
      return (await promisify(execFile)(UNSHARE, args)).stdout
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

function canMount(): boolean {
  try {
    execFileSync(UNSHARE, ['-m', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
