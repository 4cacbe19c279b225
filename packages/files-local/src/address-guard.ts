import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { permanent } from './download-error.ts'

/**
 * What the address guard lets pass besides public addresses: `'anywhere'`, or named hosts
 * (`files.internal`, `localhost:8080`) and networks (`10.1.2.3`, `10.0.0.0/8`, `::1`).
 */
export type AddressAllowance =
  | 'anywhere'
  | { hosts?: readonly string[] | undefined; addresses?: readonly string[] | undefined }

/** Decides where a download may connect to. It is asked on every hop. */
export interface AddressGuard {
  /** Whether nothing is guarded. */
  readonly open: boolean
  /** Whether a host is allowed by its name, whatever its address. */
  allowsHost(hostname: string, port: string): boolean
  /** Whether an address may be connected to. */
  allowsAddress(address: string): boolean
}

/**
 * @throws {TypeError} when `allow` names something that is no host or network
 */
export function createAddressGuard(allow: AddressAllowance | undefined): AddressGuard {
  if (allow === 'anywhere') {
    return { open: true, allowsHost: () => true, allowsAddress: () => true }
  }
  if (allow !== undefined && (typeof allow !== 'object' || allow === null)) {
    throw new TypeError(
      `option allow must be 'anywhere' or { hosts, addresses }, received ${String(allow)}`,
    )
  }
  const hosts = new Set((allow?.hosts ?? []).map(readHost))
  const networks = (allow?.addresses ?? []).map(readNetwork)
  return {
    open: false,
    allowsHost: (hostname, port) => {
      const bare = withoutBrackets(hostname)
      return hosts.has(bare) || hosts.has(`${bare}:${port}`)
    },
    allowsAddress: (address) => isPublic(address) || networks.some((network) => network(address)),
  }
}

/** The error for an address that the guard refuses. */
export function addressRefused(hostname: string, address: string): Error {
  return permanent(
    `${hostname} is at ${address}, which is not a public address; if this is intended, name it in the option allow`,
    { code: 'FILES_LOCAL_ADDRESS_REFUSED', details: { hostname, address } },
  )
}

/**
 * What has been given out of IPv6. The rest is unused or old: `::127.0.0.1` once meant a tunnel to that address.
 *
 * @see https://www.iana.org/assignments/ipv6-address-space
 */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Whether the address is one that anybody on the Internet may have: unicast and in no special block. */
function isPublic(address: string): boolean {
  const parsed = parse(address)
  if (parsed?.range() !== 'unicast') return false
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST)
}

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = withoutBrackets(address).replace(/%.*$/, '')
  return isIP(bare) ? ipaddr.process(bare) : undefined
}

/** Undici writes IPv6 addresses without the brackets of a URL. */
function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function readHost(host: string): string {
  const url = URL.parse(`http://${host}`)
  if (url === null || url.pathname !== '/' || url.username !== '') {
    throw new TypeError(
      `option allow.hosts must hold host names such as "files.internal:8080", received ${JSON.stringify(host)}`,
    )
  }
  const hostname = withoutBrackets(url.hostname)
  return /^[^:]*:\d+$|\]:\d+$/.test(host) ? `${hostname}:${url.port || '80'}` : hostname
}

function readNetwork(text: string): (address: string) => boolean {
  const [address = '', prefix] = text.split('/')
  const network = parse(address)
  const bits = prefix === undefined ? (network?.kind() === 'ipv4' ? 32 : 128) : Number(prefix)
  const most = network?.kind() === 'ipv4' ? 32 : 128
  if (network === undefined || !Number.isInteger(bits) || bits < 0 || bits > most) {
    throw new TypeError(
      `option allow.addresses must hold addresses or networks such as "10.0.0.0/8", received ${JSON.stringify(text)}`,
    )
  }
  return (candidate) => {
    const parsed = parse(candidate)
    return parsed !== undefined && parsed.kind() === network.kind() && parsed.match(network, bits)
  }
}
