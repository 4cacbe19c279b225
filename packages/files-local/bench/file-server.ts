import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A process that answers `/<bytes>` with so many bytes, over HTTP and HTTPS. */
export interface FileServer extends AsyncDisposable {
  name: string
  origins: { http: string; https: string }
}

/**
 * The server must be faster than every client, or it is the server that is measured: over TLS one of Node's needs longer
 * for a file than curl does. So nginx serves where it is installed (`NGINX` names it), and else Node.
 */
export async function startFileServer(sizes: readonly number[]): Promise<FileServer> {
  const { NGINX: nginx = 'nginx' } = process.env
  try {
    execFileSync(nginx, ['-v'], { stdio: 'ignore' })
  } catch {
    return startNode()
  }
  return startNginx(nginx, sizes)
}

async function startNode(): Promise<FileServer> {
  const child = fork(new URL('node-server.ts', import.meta.url), { execArgv: ['--no-warnings'] })
  const [[http, https]] = (await once(child, 'message')) as [[number, number]]
  return {
    name: 'Node, which over HTTPS is slower than its clients: install nginx',
    origins: toOrigins(http, https),
    ...ending(child, () => child.disconnect()),
  }
}

async function startNginx(nginx: string, sizes: readonly number[]): Promise<FileServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mortise-nginx-'))
  const [http, https] = await Promise.all([freePort(), freePort()])
  for (const bytes of sizes) writeBytes(join(folder, String(bytes)), bytes)
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, http, https))
  const child = spawn(nginx, ['-c', join(folder, 'nginx.conf')], { stdio: 'ignore' })
  // Whoever stops the benchmark stops its server too.
  process.once('exit', () => {
    child.kill()
    rmSync(folder, { recursive: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  await reachable(https)
  return { name: 'nginx', origins: toOrigins(http, https), ...ending(child, () => child.kill()) }
}

function ending(child: ChildProcess, end: () => void): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      end()
      await once(child, 'exit')
    },
  }
}

function configuration(folder: string, http: number, https: number): string {
  const fixture = (name: string): string =>
    fileURLToPath(new URL(`../test/fixtures/${name}`, import.meta.url))
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off; user root; worker_processes 2; error_log /dev/null; pid ${folder}/pid;
events {}
http {
  access_log off; sendfile on; keepalive_requests 100000;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  server {
    listen 127.0.0.1:${http};
    listen 127.0.0.1:${https} ssl;
    ssl_certificate ${fixture('localhost-certificate.pem')};
    ssl_certificate_key ${fixture('localhost-key.pem')};
    root ${folder};
  }
}`
}

/** Real blocks and no hole in the file, warm in the page cache. */
function writeBytes(path: string, bytes: number): void {
  const block = Buffer.alloc(1024 * 1024, 'mortise ')
  writeFileSync(path, '')
  for (let left = bytes; left > 0; left -= block.length) writeFileSync(path, block, { flag: 'a' })
  truncateSync(path, bytes)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (answered) return
    await sleep(50)
  }
  throw new Error('nginx does not start')
}

function toOrigins(http: number, https: number): FileServer['origins'] {
  return { http: `http://127.0.0.1:${http}`, https: `https://127.0.0.1:${https}` }
}
