import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node'
import { natsError } from './nats-errors.ts'

/** Addresses, or the client's own options. */
export type NatsServers = string | string[] | NodeConnectionOptions

/**
 * Connects, and reconnects for ever unless the options say otherwise.
 * @throws {TransientError} MESSAGING_TRANSPORT_UNAVAILABLE when no server answers.
 */
export async function connectToNats(servers: NatsServers | undefined): Promise<NatsConnection> {
  try {
    return await connect(connectionOptions(servers))
  } catch (error) {
    throw natsError(error)
  }
}

/** The client ignores what an address says besides host and port: its user, its password, that it wants TLS. */
export function connectionOptions(servers: NatsServers | undefined): NodeConnectionOptions {
  const given = typeof servers === 'string' || Array.isArray(servers) ? { servers } : servers
  const addresses = [given?.servers ?? []].flat().filter((address) => URL.canParse(address))
  const urls = addresses.map((address) => new URL(address))
  const named = urls.find(({ username }) => username !== '')
  return {
    maxReconnectAttempts: -1,
    ...(named && credentialsOf(named)),
    ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
    ...given,
  }
}

/** `user:password@`, or a token alone. */
function credentialsOf({ username, password }: URL): NodeConnectionOptions {
  const name = decodeURIComponent(username)
  return password === '' ? { token: name } : { user: name, pass: decodeURIComponent(password) }
}
