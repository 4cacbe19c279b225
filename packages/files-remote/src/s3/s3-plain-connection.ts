import { connect, type Socket } from 'node:net'
import { storageError } from '../storage-errors.ts'
import { type PlainRequest, pathAndQuery } from './s3-request.ts'

/*
 * One HTTP/1.1 connection without TLS that reads bodies straight into a few buffers of its own. A stream makes
 * a new 64 KiB buffer and a JavaScript call of every read; here the kernel fills up to half a MiB at a time and
 * the same memory is used again. That halves the time of a large download.
 *
 * Memory that is used again too early is silent corruption, so the rule is narrow. The buffer that a read has
 * filled belongs to the sink until its promise is settled. Before the next read begins, Node asks for the
 * buffer that it will fill; while that one is set, reading goes on only if yet another one is free. The last
 * free buffer therefore is never handed out while the read that fills it could be followed by another.
 *
 * It understands one kind of answer: a body of announced length. Anything else closes the connection with an
 * error, and the caller asks again through the SDK.
 */

const BUFFER_BYTES = 512 * 1024
const BUFFERS = 4
const MAX_HEAD_BYTES = 64 * 1024

/** Takes bytes of a body in order. The memory is the sink's until the promise is settled. */
export type ByteSink = (bytes: Buffer) => Promise<void>

export interface PlainConnection extends Disposable {
  /** Sends a signed GET and passes on the body, which must answer with this status and be this long. */
  readonly get: (request: PlainRequest, expected: ExpectedBody, sink: ByteSink) => Promise<void>
  /** Whether another request can be sent over it. */
  readonly usable: () => boolean
}

export interface ExpectedBody {
  readonly status: number
  readonly length: number
}

interface Exchange {
  readonly expected: ExpectedBody
  readonly sink: ByteSink
  readonly done: () => void
  readonly fail: (error: unknown) => void
  /** The head of the answer as far as it has come; `undefined` once it is over. */
  head: Buffer | undefined
  received: number
}

export function openPlainConnection(
  where: { readonly hostname: string; readonly port: number },
  options: { readonly idleTimeoutMs: number; readonly signal?: AbortSignal | undefined },
): PlainConnection {
  const free = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(BUFFER_BYTES))
  let filling = free.pop() as Buffer<ArrayBuffer>
  let exchange: Exchange | undefined
  let writing = 0
  let paused = false
  let reusable = true

  const close = (error: unknown): void => {
    reusable = false
    exchange?.fail(error)
    exchange = undefined
    socket.destroy()
  }

  /** One write has settled: its buffer is free, a paused connection reads on, a complete exchange ends. */
  const settle = (buffer: Buffer<ArrayBuffer>): void => {
    free.push(buffer)
    writing -= 1
    if (paused) {
      paused = false
      socket.resume()
    }
    finish()
  }

  const finish = (): void => {
    if (!exchange || writing > 0 || exchange.received < exchange.expected.length) return
    const { done } = exchange
    exchange = undefined
    done()
  }

  const onRead = (length: number): boolean => {
    const buffer = filling
    const body = exchange && bodyIn(exchange, buffer.subarray(0, length))
    if (!exchange || !body) {
      if (!exchange) close(unexpected('bytes that nobody asked for'))
      return true
    }
    exchange.received += body.length
    if (exchange.received > exchange.expected.length) {
      close(unexpected('a longer body than announced'))
      return false
    }
    if (body.length === 0) return true
    writing += 1
    exchange.sink(body).then(() => settle(buffer), close)
    filling = free.pop() as Buffer<ArrayBuffer>
    paused = free.length === 0
    return !paused
  }

  /** Cuts the head off; `undefined` while it has not all come, or when it is none that we understand. */
  const bodyIn = (current: Exchange, bytes: Buffer): Buffer | undefined => {
    if (!current.head) return bytes
    const head = Buffer.concat([current.head, bytes])
    const end = head.indexOf('\r\n\r\n')
    if (end === -1 && head.length < MAX_HEAD_BYTES) {
      current.head = head
      return undefined
    }
    const answer = parseHead(head.toString('latin1', 0, Math.max(end, 0)))
    const { expected } = current
    if (end === -1 || answer?.status !== expected.status || answer.length !== expected.length) {
      close(unexpected(`status ${answer?.status}, length ${answer?.length}`))
      return undefined
    }
    reusable &&= answer.keepAlive
    current.head = undefined
    return bytes.subarray(bytes.length - (head.length - end - 4))
  }

  const socket: Socket = connect({
    host: where.hostname.replace(/^\[|\]$/g, ''),
    port: where.port,
    noDelay: true,
    onread: { buffer: () => filling, callback: onRead },
  })
  socket.setTimeout(options.idleTimeoutMs, () => {
    if (!paused) close(storageError('FILES_REMOTE_TIMEOUT', 'The storage stood still.'))
  })
  socket.on('error', close)
  socket.on('close', () => {
    reusable = false
    // A body that has all come is whole, whatever becomes of the connection; its last writes still settle it.
    if (exchange && exchange.received < exchange.expected.length)
      close(unexpected('a closed connection'))
  })
  const onAbort = () => close(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })

  return {
    usable: () => reusable && exchange === undefined && !socket.destroyed,
    get: (request, expected, sink) =>
      new Promise<void>((done, fail) => {
        exchange = { expected, sink, done, fail, head: Buffer.alloc(0), received: 0 }
        socket.write(headOf(request))
      }),
    [Symbol.dispose]: () => {
      options.signal?.removeEventListener('abort', onAbort)
      close(unexpected('a closed connection'))
    },
  }
}

function headOf(request: PlainRequest): string {
  const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`)
  return [`GET ${pathAndQuery(request)} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** What the head of an answer says, if its body has an announced length. */
function parseHead(
  head: string,
): { status: number; length: number; keepAlive: boolean } | undefined {
  const [start = '', ...lines] = head.split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3})/.exec(start)?.[1]
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
    }),
  )
  const length = headers.get('content-length')
  if (status === undefined || length === undefined || headers.has('transfer-encoding'))
    return undefined
  const keepAlive = headers.get('connection')?.toLowerCase() !== 'close'
  return { status: Number(status), length: Number(length), keepAlive }
}

function unexpected(what: string): Error {
  return storageError('FILES_REMOTE_NETWORK', `The storage answered with ${what}.`)
}
