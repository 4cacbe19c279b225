import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { storageError } from '../storage-errors.ts'
import { type PlainRequest, pathAndQuery } from './s3-request.ts'

/*
 * One HTTP/1.1 connection, with or without TLS, that reads bodies straight into a few buffers of its own. A stream
 * makes a new 64 KiB buffer and a JavaScript call of every read, over TLS of every 16 KiB; here reads fill half a MiB
 * before somebody looks, and the same memory is used again. That halves the time of a large download.
 *
 * Memory that is used again too early is silent corruption, so the rule is narrow. A buffer that has been passed on
 * belongs to the sink until its promise is settled. Reading goes on only while yet another buffer is free behind the
 * one that is being filled: TLS may still deliver what it has decrypted after it was told to stop, at most 64 KiB,
 * and finds an empty buffer.
 *
 * It understands one kind of answer: a body of announced length. Anything else closes the connection with an
 * error, and the caller asks again through the SDK.
 */

const BUFFER_BYTES = 512 * 1024
const BUFFERS = 4
/** What one more read must find room for, or the buffer is passed on: more than TLS delivers at a time. */
const MIN_READ_BYTES = 64 * 1024
const MAX_HEAD_BYTES = 64 * 1024

/** Takes bytes of a body in order. The memory is the sink's until the promise is settled. */
export type ByteSink = (bytes: Buffer) => Promise<void>

export interface DirectConnection extends Disposable {
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

/** Where a connection goes; `tls` holds the certificates and so on of a connection with TLS. */
export interface Destination {
  readonly hostname: string
  readonly port: number
  readonly tls?: ConnectionOptions | undefined
}

export function openDirectConnection(
  where: Destination,
  options: { readonly idleTimeoutMs: number; readonly signal?: AbortSignal | undefined },
): DirectConnection {
  const free = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(BUFFER_BYTES))
  let filling = free.pop() as Buffer<ArrayBuffer>
  // What of it is taken, and where the body in it begins.
  let filled = 0
  let bodyFrom = 0
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

  /** One write has settled: its buffer is free, a paused connection goes on, a complete exchange ends. */
  const settle = (buffer: Buffer<ArrayBuffer>): void => {
    free.push(buffer)
    writing -= 1
    if (paused) {
      paused = false
      if (exchange && filled > 0 && isComplete(exchange)) passOn(exchange)
      else socket.resume()
    }
    finish()
  }

  const finish = (): void => {
    if (!exchange || writing > 0 || !isComplete(exchange)) return
    const { done } = exchange
    exchange = undefined
    done()
  }

  const onRead = (length: number): boolean => {
    const body = exchange && bodyIn(exchange, filling.subarray(filled, filled + length))
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
    if (filled === 0) bodyFrom = length - body.length
    filled += length
    const enough = isComplete(exchange) || filling.length - filled < MIN_READ_BYTES
    if (enough && !paused) passOn(exchange)
    return !paused
  }

  const passOn = ({ sink }: Exchange): void => {
    const buffer = filling
    writing += 1
    sink(buffer.subarray(bodyFrom, filled)).then(() => settle(buffer), close)
    filling = free.pop() as Buffer<ArrayBuffer>
    filled = 0
    paused = free.length === 0
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

  const socket = open(where, { buffer: () => filling.subarray(filled), callback: onRead })
  socket.setTimeout(options.idleTimeoutMs, () => {
    if (!paused) close(storageError('FILES_REMOTE_TIMEOUT', 'The storage stood still.'))
  })
  socket.on('error', close)
  socket.on('close', () => {
    reusable = false
    // A body that has all come is whole, whatever becomes of the connection; its last writes still settle it.
    if (exchange && !isComplete(exchange)) close(unexpected('a closed connection'))
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

function isComplete({ received, expected }: Exchange): boolean {
  return received >= expected.length
}

function open({ hostname, port, tls }: Destination, onread: OnReadOpts): Socket {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (!tls) return connect({ host, port, noDelay: true, onread })
  const servername = tls.servername ?? (isIP(host) ? '' : host)
  // Its type does not know `onread`; TLS sockets read by it as others do.
  const options = { ...tls, host, port, servername, noDelay: true, onread }
  return connectTls(options as ConnectionOptions)
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
