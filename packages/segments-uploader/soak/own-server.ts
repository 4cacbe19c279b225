import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'

/** A real S3 server of the soak's own, which may be killed. */
export interface OwnServer {
  readonly server: S3Server
  /** `kill -9` of all its processes at once, and another start on the same data. */
  readonly killAndStart: () => Promise<void>
  readonly wipe: () => Promise<void>
}

const run = promisify(execFile)
const SCRIPT = fileURLToPath(new URL('../../../scripts/servers/s3-server.sh', import.meta.url))
const PORT = process.env.S3_PORT ?? '9605'
/** What the script gives every server that it makes. */
const KEYS = { region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'testtest' }

/** Starts it beside the one that tests share: other folder, other port. Fetched the first time. */
export async function startOwnServer(): Promise<OwnServer> {
  const cache = process.env.MORTISE_SOAK_CACHE ?? join(homedir(), '.cache', 'mortise-soak')
  const script = async (command: string) => {
    await run(SCRIPT, [command], { env: { ...process.env, MORTISE_CACHE: cache, S3_PORT: PORT } })
  }
  await script('up')
  return {
    server: { endpoint: `http://127.0.0.1:${PORT}`, ...KEYS },
    killAndStart: async () => {
      const pids = await pidsOf(cache)
      for (const pid of pids) send(pid, 'SIGKILL')
      while (pids.some((pid) => send(pid, 0))) await sleep(10) // as long as one dies the port is open
      await script('up')
    },
    wipe: () => script('wipe'),
  }
}

/** Whether there was such a process. */
function send(pid: number, signal: 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

async function pidsOf(cache: string): Promise<number[]> {
  const folder = join(cache, 's3', 'root', 'srv', 'gateway', 'run')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.pid'))
  return await Promise.all(
    files.map(async (name) => Number(await readFile(join(folder, name), 'utf8'))),
  )
}
