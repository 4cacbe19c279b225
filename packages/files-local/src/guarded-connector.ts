import { lookup as lookupName } from 'node:dns/promises'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { type AddressGuard, addressRefused } from './address-guard.ts'
import type { ConnectionOptions, HostLookup } from './download-options.ts'

type Connect = buildConnector.connector

export interface GuardedConnectorOptions {
  guard: AddressGuard
  connectTimeoutMs: number
  tls?: ConnectionOptions['tls']
  http2: boolean
  lookup?: HostLookup | undefined
}

/** Options of undici's own connector, with a name resolution that only answers allowed addresses. */
export function connectorOptions(
  options: GuardedConnectorOptions,
  hostAllowed: boolean,
): buildConnector.BuildOptions {
  return {
    ...options.tls,
    allowH2: options.http2,
    timeout: options.connectTimeoutMs,
    autoSelectFamily: true,
    lookup: guardedLookup(options, hostAllowed),
  } as buildConnector.BuildOptions
}

/**
 * Wraps a connector so that only allowed addresses are reached: a literal host is judged at once, a name by each
 * address it resolves to (the one judged is the one connected to), and the peer once more when the socket stands.
 */
export function guardConnector(
  guard: AddressGuard,
  connect: (hostAllowed: boolean) => Connect,
): Connect {
  return (target, callback) => {
    const port = target.port || (target.protocol === 'https:' ? '443' : '80')
    const hostAllowed = guard.allowsHost(target.hostname, port)
    const literal = target.hostname.replace(/^\[|\]$/g, '')
    if (!hostAllowed && isIP(literal) !== 0 && !guard.allowsAddress(literal)) {
      process.nextTick(callback, addressRefused(target.hostname, literal), null)
      return
    }
    connect(hostAllowed)(target, (error, socket) => {
      const refusal = hostAllowed || error ? undefined : judgePeer(guard, target.hostname, socket)
      if (refusal !== undefined) {
        socket?.destroy()
        callback(refusal, null)
      } else if (error) callback(error, null)
      else callback(null, socket as Socket)
    })
  }
}

function judgePeer(
  guard: AddressGuard,
  hostname: string,
  socket: Socket | null,
): Error | undefined {
  const address = socket?.remoteAddress
  return address === undefined || guard.allowsAddress(address)
    ? undefined
    : addressRefused(hostname, address)
}

function guardedLookup(
  { guard, lookup = resolve }: GuardedConnectorOptions,
  hostAllowed: boolean,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname).then(
      (answers) => {
        const allowed = answers.filter(
          (answer) =>
            (hostAllowed || guard.allowsAddress(answer.address)) &&
            (!options.family ||
              options.family === answer.family ||
              answer.family === toFamily(options.family)),
        )
        const first = allowed[0]
        if (first === undefined) {
          const address = answers[0]?.address
          callback(
            address === undefined ? notFound(hostname) : addressRefused(hostname, address),
            '',
          )
        } else if (options.all) callback(null, [...allowed])
        else callback(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}

function toFamily(family: number | 'IPv4' | 'IPv6'): number {
  return typeof family === 'number' ? family : Number(family.slice(3))
}

const resolve: HostLookup = async (hostname) => {
  const answers = await lookupName(hostname, { all: true })
  return answers.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
}

function notFound(hostname: string): Error {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' })
}
