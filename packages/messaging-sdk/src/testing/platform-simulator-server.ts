import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
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

/** Starts the API on `127.0.0.1`, on a free port. */
export async function startSimulatorServer(
  options: SimulatorServerOptions,
): Promise<SimulatorServer> {
  const faults: SimulatedFault[] = []
  const limiter = options.rateLimit && createBucket(options.rateLimit, options.now)
  const server = createServer((request, response) => {
    answerCall(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function answerCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request)
    options.onCall(call)
    const account = options.account()
    const answer = account.isSend(call)
      ? answerSend({ account, call, response })
      : account.handle(call)
    if (answer) write(response, answer)
  }

  function answerSend(met: Parameters<typeof answerOf>[1]): SimulatedApiAnswer | undefined {
    const fault = faults.shift()
    if (fault) return answerOf(fault, met)
    const waitMs = limiter?.() ?? 0
    return waitMs > 0 ? met.account.tooFast(waitMs) : met.account.handle(met.call)
  }

  return {
    url: `http://127.0.0.1:${port}`,
    failNext: (fault, times) => {
      for (let count = 0; count < times; count++) faults.push(fault)
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The answer of a fault; none when the connection breaks or the answer never comes. */
function answerOf(
  fault: SimulatedFault,
  met: { account: SimulatedAccount; call: SimulatedApiCall; response: ServerResponse },
): SimulatedApiAnswer | undefined {
  const { account, call, response } = met
  switch (fault.kind) {
    case 'too-fast':
      return account.tooFast(fault.retryAfterMs)
    case 'answer':
      return fault
    case 'reset':
      if (fault.accepted) account.handle(call)
      response.socket?.resetAndDestroy()
      return undefined
    case 'hang':
      account.handle(call)
      return undefined
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

function write(response: ServerResponse, answer: SimulatedApiAnswer): void {
  const { body } = answer
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  response.writeHead(answer.status, {
    ...(!isRaw && body !== undefined && { 'content-type': 'application/json' }),
    ...answer.headers,
  })
  response.end(isRaw || body === undefined ? body : JSON.stringify(body))
}
