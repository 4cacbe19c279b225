import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type FaultRates, pickFault } from './faults.ts'

export interface FaultProxy {
  readonly endpoint: string
  readonly counts: Record<keyof FaultRates | 'passed' | 'outages', number>
  /** Cuts every connection and refuses new ones for a while, like a server that is killed and comes back. */
  readonly outage: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Stands before a real store and loses, refuses and denies what the store did. */
export async function startFaultProxy(upstream: string, rates: FaultRates): Promise<FaultProxy> {
  const target = new URL(upstream)
  const counts = { cutAfter: 0, cutBefore: 0, slowDown: 0, lieAfter: 0, passed: 0, outages: 0 }
  const sockets = new Set<Socket>()
  let down = false

  const handle = (incoming: IncomingMessage, answer: ServerResponse) => {
    const fault = down ? 'cutBefore' : pickFault(rates)
    counts[fault ?? 'passed'] += 1
    if (fault === 'cutBefore') return void incoming.socket.destroy()
    if (fault === 'slowDown') return refuse(incoming, answer, 503, 'SlowDown')
    const { method, url, headers } = incoming
    const { hostname, port } = target
    const outgoing = request({ hostname, port, method, path: url, headers }, (response) => {
      if (fault === undefined && !down) {
        answer.writeHead(response.statusCode ?? 500, response.headers)
        response.pipe(answer)
        return
      }
      response.resume().on('end', () => {
        if (fault === 'lieAfter' && !down) refuse(incoming, answer, 500, 'InternalError')
        else incoming.socket.destroy()
      })
    })
    outgoing.on('error', () => incoming.socket.destroy())
    answer.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }

  const server = createServer(handle)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    if (down) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    outage: async (ms) => {
      counts.outages += 1
      down = true
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => setTimeout(resolve, ms))
      down = false
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuse(
  incoming: IncomingMessage,
  answer: ServerResponse,
  status: number,
  code: string,
): void {
  incoming.resume()
  answer.writeHead(status, { 'content-type': 'application/xml' })
  answer.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>soak</Message></Error>`)
}
