/** What a URL built from somebody's input may be. */
export interface UrlRules {
  /** Allows `http:` and addresses inside private networks, for tests and on-premises apps. Default false. */
  allowPrivateNetwork?: boolean | undefined
}

/**
 * Why credentials must not be sent to this URL; `undefined` when they may. Judges the text alone: a name
 * that resolves to a private address is the HTTP client's to refuse.
 */
export function urlProblem(url: URL, rules: UrlRules = {}): string | undefined {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && rules.allowPrivateNetwork))
    return 'does not use https'
  if (url.username !== '' || url.password !== '') return 'contains a user name or a password'
  if (url.hostname === '') return 'has no host'
  if (!rules.allowPrivateNetwork && isPrivateHost(url.hostname))
    return 'points into a private network'
  return undefined
}

/** Whether a host, as `URL.hostname` writes it, is this machine, a private network or not public at all. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.+$/, '')
  if (host.startsWith('[')) return isPrivateIpv6(host.slice(1, -1))
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return isPrivateIpv4(host.split('.').map(Number))
  return !host.includes('.') || PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix))
}

/** Names that never belong to the public DNS. @see https://www.rfc-editor.org/rfc/rfc6761 */
const PRIVATE_SUFFIXES = [
  '.localhost',
  '.localdomain',
  '.local',
  '.internal',
  '.home.arpa',
  '.lan',
  '.intranet',
]

/** @see https://www.iana.org/assignments/iana-ipv4-special-registry */
function isPrivateIpv4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true
  if (a === 100) return b >= 64 && b < 128
  if (a === 169) return b === 254
  if (a === 172) return b >= 16 && b < 32
  if (a === 192) return b === 168 || (b === 0 && (c === 0 || c === 2))
  if (a === 198) return b === 18 || b === 19 || (b === 51 && c === 100)
  return a === 203 && b === 0 && c === 113
}

/** @see https://www.iana.org/assignments/iana-ipv6-special-registry */
function isPrivateIpv6(address: string): boolean {
  const groups = expandIpv6(address)
  const [first = 0, second = 0] = groups
  const embeddedIpv4 = [groups[6], groups[7]].flatMap((group = 0) => [group >> 8, group & 0xff])
  if (groups.slice(0, 5).every((group) => group === 0)) return true // ::, ::1, IPv4-mapped
  if (first === 0x64 && second === 0xff9b)
    // NAT64, also of one's own network
    return groups.slice(2, 6).some((group) => group !== 0) || isPrivateIpv4(embeddedIpv4)
  if (first === 0x2002) return isPrivateIpv4([second >> 8, second & 0xff]) // 6to4
  if (first === 0x2001 && (second < 0x200 || second === 0xdb8)) return true // Teredo and others, documentation
  if (first === 0x3fff && second < 0x1000) return true // documentation
  return (first & 0xe000) !== 0x2000 // only 2000::/3 is public
}

function expandIpv6(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const parse = (part: string) =>
    part === '' ? [] : part.split(':').map((x) => Number.parseInt(x, 16))
  const start = parse(head)
  if (tail === undefined) return start
  const end = parse(tail)
  return [...start, ...new Array<number>(8 - start.length - end.length).fill(0), ...end]
}
