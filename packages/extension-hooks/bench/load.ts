import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { TOKEN } from './workload.ts'

/** What a server process has used so far. */
export interface Usage {
  cpuMs: number
  maxRssMiB: number
}

/** A server in its own process. */
export interface BenchServer extends Disposable {
  port: number
  usage: () => Promise<Usage>
}

/** Starts one of the servers. Its output goes through a pipe to a reader, as a container's does. */
export async function startServer(kind: string): Promise<BenchServer> {
  const child = fork(new URL('./server.ts', import.meta.url), [kind], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  child.stdout?.resume()
  const { port } = await message<{ port: number }>(child)
  const usage = () => {
    child.send('usage')
    return message<Usage>(child)
  }
  return { port, usage, [Symbol.dispose]: () => child.kill() }
}

async function message<T>(child: ChildProcess): Promise<T> {
  const [value] = (await once(child, 'message')) as [T]
  return value
}

/** Few sockets and several requests a write: the server is never idle, so its figure is work and not waking up. */
const CONNECTIONS = 4
const MAX_PIPELINED = 16
const MAX_PIPELINED_BYTES = 64 * 1024

/** Sends the body so many times and waits for every answer to be 200. */
export async function load(port: number, body: Buffer, requests: number): Promise<void> {
  const head = `POST /function HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  const request = Buffer.concat([Buffer.from(head), body])
  const share = Math.ceil(requests / CONNECTIONS)
  await Promise.all(Array.from({ length: CONNECTIONS }, () => sendAll(port, request, share)))
}

/** The smallest HTTP client that works: every answer of a server has the same length, so it counts bytes. */
function sendAll(port: number, request: Buffer, requests: number): Promise<void> {
  const batch = Math.max(
    1,
    Math.min(MAX_PIPELINED, Math.floor(MAX_PIPELINED_BYTES / request.length)),
  )
  const full = Buffer.concat(Array.from({ length: batch }, () => request))
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let left = requests
    let answerBytes = 0
    let missing = 0
    const send = () => {
      if (left <= 0) return void socket.end(resolve)
      const count = answerBytes === 0 ? 1 : Math.min(batch, left)
      left -= count
      missing = count * answerBytes
      socket.write(count === batch ? full : full.subarray(0, count * request.length))
    }
    socket.setNoDelay(true).on('connect', send).on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      if (answerBytes === 0) {
        const headEnd = chunk.indexOf('\r\n\r\n')
        const head = chunk.toString('latin1', 0, headEnd)
        const length = /content-length: (\d+)/i.exec(head)?.[1]
        if (!head.startsWith('HTTP/1.1 200') || length === undefined) return reject(new Error(head))
        answerBytes = Number(length) + headEnd + 4
        missing = answerBytes
      }
      missing -= chunk.length
      if (missing === 0) send()
      else if (missing < 0) reject(new Error('an answer had another length than the first'))
    })
  })
}
