import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { writeFile } from './platform-simulator-media.ts'
import type {
  SimulatedAccount,
  SimulatedApiAnswer,
  SimulatedApiCall,
} from './simulated-platform.ts'

/** What goes wrong with the next messages sent to the simulated API. */
export type SimulatedFault =
  /** Refused for being too fast, in the platform's own words. */
  | { kind: 'too-fast'; retryAfterMs: number }
  /** Any answer at all, instead of the platform's. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: unknown }
  /** The connection breaks: before the message was accepted, or after. */
  | { kind: 'reset'; accepted: boolean }
  /** Accepted, but the answer never comes. */
  | { kind: 'hang' }

/** What goes wrong with the next downloads of a medium. */
export type SimulatedMediaFault =
  | SimulatedFault
  /** The connection breaks after this many bytes of the body. */
  | { kind: 'cut'; afterBytes: number }

/** How fast messages are taken: a bucket of `burst` that fills by `perSecond`. */
export interface SimulatedRateLimit {
  perSecond: number
  /** Default 1. */
  burst?: number
}

/** The API of a simulated account on a loopback port. */
export interface SimulatorServer {
  url: string
  /** The next `times` sends meet this fault. */
  failNext: (fault: SimulatedFault, times: number) => void
  /** The next `times` downloads meet this fault. */
  failNextMedia: (fault: SimulatedMediaFault, times: number) => void
  close: () => Promise<void>
}

/** Options of the server. */
export interface SimulatorServerOptions {
  /** The account is made once the address is known. */
  account: () => SimulatedAccount
  onCall: (call: SimulatedApiCall) => void
  now: () => number
  rateLimit?: SimulatedRateLimit | undefined
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
}

/** Starts the API on `127.0.0.1`, on a free port. */
export async function startSimulatorServer(
  options: SimulatorServerOptions,
): Promise<SimulatorServer> {
  const faults: SimulatedFault[] = []
  const mediaFaults: SimulatedMediaFault[] = []
  const limiter = options.rateLimit && createBucket(options.rateLimit, options.now)
  const server = createServer((request, response) => {
    answerCall({ request, response }).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function answerCall(exchange: Exchange): Promise<void> {
    const call = await readCall(exchange.request)
    options.onCall(call)
    const account = options.account()
    if (account.isSend(call)) {
      const fault = faults.shift() ?? tooFast()
      await answerWith({ exchange, fault, account, answer: () => account.handle(call) })
      return
    }
    const answer = await account.handle(call)
    const fault = answer.file && mediaFaults.shift()
    await answerWith({ exchange, fault, account, answer: () => answer })
  }

  function tooFast(): SimulatedFault | undefined {
    const retryAfterMs = limiter?.() ?? 0
    return retryAfterMs > 0 ? { kind: 'too-fast', retryAfterMs } : undefined
  }

  return {
    url: `http://127.0.0.1:${port}`,
    failNext: (fault, times) => {
      for (let count = 0; count < times; count++) faults.push(fault)
    },
    failNextMedia: (fault, times) => {
      for (let count = 0; count < times; count++) mediaFaults.push(fault)
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Milliseconds to wait, 0 when there is room; a full bucket holds `burst`. */
function createBucket(limit: SimulatedRateLimit, now: () => number): () => number {
  const burst = limit.burst ?? 1
  let level = burst
  let filledAt = now()
  return () => {
    const time = now()
    level = Math.min(burst, level + ((time - filledAt) / 1000) * limit.perSecond)
    filledAt = time
    if (level < 1) return Math.max(1, Math.ceil(((1 - level) / limit.perSecond) * 1000))
    level -= 1
    return 0
  }
}

async function readCall(request: IncomingMessage): Promise<SimulatedApiCall> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  )
  return {
    method: request.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers,
    body: await buffer(request),
  }
}

/** Writes the answer, or what the fault makes of it. `answer` is what takes a message, so it is asked for late. */
async function answerWith(options: {
  exchange: Exchange
  fault: SimulatedMediaFault | undefined
  account: SimulatedAccount
  answer: () => SimulatedApiAnswer | Promise<SimulatedApiAnswer>
}): Promise<void> {
  const { exchange, fault, account, answer } = options
  switch (fault?.kind) {
    case undefined:
      writeAnswer(exchange, await answer())
      break
    case 'too-fast':
      writeAnswer(exchange, account.tooFast(fault.retryAfterMs))
      break
    case 'answer':
      writeAnswer(exchange, fault)
      break
    case 'cut':
      writeAnswer(exchange, await answer(), { cutAfterBytes: fault.afterBytes })
      break
    case 'reset':
      if (fault.accepted) await answer()
      exchange.response.socket?.resetAndDestroy()
      break
    case 'hang':
      await answer() // and no more: the client gives up, or `close` ends it
      break
  }
}

function writeAnswer(
  exchange: Exchange,
  answer: SimulatedApiAnswer,
  options: { cutAfterBytes?: number } = {},
): void {
  const { response } = exchange
  const { body, file } = answer
  if (file) {
    writeFile(exchange, file, options)
    return
  }
  const isJson = typeof body !== 'string' && body !== undefined
  response.writeHead(answer.status, {
    ...(isJson && { 'content-type': 'application/json' }),
    ...answer.headers,
  })
  response.end(isJson ? JSON.stringify(body) : body)
}
