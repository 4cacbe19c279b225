import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { another, sign } from './recorded.ts'

const REQUESTS = 3_000
const CONNECTIONS = 64
let number = 0

/** Two servers in processes of their own, asked over plain sockets, so that the asking costs little. */
export async function createReceiving() {
  const folder = await mkdtemp(join(tmpdir(), 'messaging-bench-'))
  const ours = await startServer('ours', join(folder, 'messages.db'))
  const bare = await startServer('bare', '')
  return {
    ours: () => requestsPerSecond(ours.port),
    theirs: () => requestsPerSecond(bare.port),
    close: async () => {
      for (const { child } of [ours, bare]) {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startServer(
  kind: string,
  path: string,
): Promise<{ child: ChildProcess; port: number }> {
  const file = fileURLToPath(new URL('receiving-server.ts', import.meta.url))
  const child = spawn(process.execPath, [file, kind, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, port: Number(line.toString()) }
}

async function requestsPerSecond(port: number): Promise<number> {
  const waiting = Array.from({ length: REQUESTS }, () => httpRequest(another(number++)))
  const started = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, () => askAll(port, waiting)))
  return (REQUESTS * 1000) / (performance.now() - started)
}

/** Sends the next request as soon as the last is answered, until none is waiting. */
function askAll(port: number, waiting: Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const next = () => {
      const request = waiting.pop()
      if (request) socket.write(request)
      else socket.end(resolve)
    }
    socket.on('connect', next)
    socket.on('error', reject)
    socket.on('data', (answer) => {
      if (answer.subarray(0, 12).toString() !== 'HTTP/1.1 200') {
        reject(new Error(answer.toString()))
      }
      next()
    })
  })
}

function httpRequest(body: string): Buffer {
  const head = [
    'POST /webhook HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-hub-signature-256: ${sign(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
