import { parseArgs } from 'node:util'
import type { AddressAllowance } from '../address-guard.ts'
import type { DownloadOptions } from '../download-options.ts'
import { MAX_TIMER_MS } from '../limits.ts'

/** What the command line asks for. */
export interface Command {
  urls: string[]
  output: string | undefined
  folder: string | undefined
  remoteName: boolean
  json: boolean
  quiet: boolean
  options: DownloadOptions
}

export const HELP = `Usage: mortise-download [options] <url>...

Downloads to files that appear only when they are complete, from public addresses only.

  -o, --output <path>       where the file goes (one address only)
  -d, --folder <path>       folder for the files (default: this one)
      --remote-name         name files as the server says, not as the address does
      --resume              leave what has come after a failure, and go on there
      --no-clobber          keep a file that exists
      --sha256 <hex>        digest the file must have (one address only)
  -H, --header <line>       request header, "Name: value"; repeatable
      --allow <what>        address, network or host besides the public ones, or "anywhere"; repeatable
      --https-only          refuse http:, in redirects too
      --proxy <url>         HTTP proxy; needs --allow
      --connections <n>     parts fetched at a time, when the server knows ranges (default 1)
      --max-bytes <n>       largest file accepted
      --max-attempts <n>    tries in all (default 4)
      --timeout <seconds>   for the whole download (default 0: no end)
      --idle <seconds>      longest silence of the server (default 30, 0: any)
      --json                print one JSON object for each address
  -q, --quiet               no progress
      --help, --version

Exit codes: 0 done · 1 failed for good · 2 wrong usage · 3 failed, may work later · 4 not authorised · 130 interrupted
`

const config = {
  output: { type: 'string', short: 'o' },
  folder: { type: 'string', short: 'd' },
  'remote-name': { type: 'boolean' },
  resume: { type: 'boolean' },
  'no-clobber': { type: 'boolean' },
  sha256: { type: 'string' },
  header: { type: 'string', short: 'H', multiple: true },
  allow: { type: 'string', multiple: true },
  'https-only': { type: 'boolean' },
  proxy: { type: 'string' },
  connections: { type: 'string' },
  'max-bytes': { type: 'string' },
  'max-attempts': { type: 'string' },
  timeout: { type: 'string' },
  idle: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const

/**
 * @throws {TypeError} when the command line makes no sense
 */
export function parseCommandLine(argv: readonly string[]): Command | 'help' | 'version' {
  const { values, positionals: urls } = parseArgs({
    args: [...argv],
    options: config,
    allowPositionals: true,
  })
  if (values.help) return 'help'
  if (values.version) return 'version'
  if (urls.length === 0) throw new TypeError('an address is missing')
  if (urls.length > 1 && (values.output !== undefined || values.sha256 !== undefined)) {
    throw new TypeError('--output and --sha256 are for one address')
  }
  if (values.output !== undefined && (values.folder !== undefined || values['remote-name'])) {
    throw new TypeError('--output excludes --folder and --remote-name')
  }
  return {
    urls,
    output: values.output,
    folder: values.folder,
    remoteName: values['remote-name'] ?? false,
    json: values.json ?? false,
    quiet: values.quiet ?? false,
    options: {
      resume: values.resume,
      overwrite: !values['no-clobber'],
      sha256: values.sha256,
      headers: readHeaders(values.header ?? []),
      allow: readAllow(values.allow),
      protocols: values['https-only'] ? ['https:'] : undefined,
      proxy: values.proxy,
      connections: readCount('connections', values.connections),
      maxBytes: readCount('max-bytes', values['max-bytes']),
      maxAttempts: readCount('max-attempts', values['max-attempts']),
      totalTimeoutMs: readSeconds('timeout', values.timeout),
      idleTimeoutMs: readSeconds('idle', values.idle),
    },
  }
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) > 0) {
    return Number(text)
  }
  throw new TypeError(`--${name} must be a whole number of 1 or more, received ${quote(text)}`)
}

/** In milliseconds. */
function readSeconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) <= MAX_SECONDS) return Number(text) * 1000
  throw new TypeError(
    `--${name} must be a number of seconds from 0 to ${MAX_SECONDS}, received ${quote(text)}`,
  )
}

const MAX_SECONDS = Math.floor(MAX_TIMER_MS / 1000)

function quote(text: string): string {
  return JSON.stringify(text)
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      if (colon < 1) throw new TypeError('--header must be "Name: value"')
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
    }),
  )
}

function readAllow(names: readonly string[] | undefined): AddressAllowance | undefined {
  if (names === undefined) return undefined
  if (names.includes('anywhere')) return 'anywhere'
  const isAddress = (name: string): boolean =>
    /^[0-9./]+$|^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:./]*$/i.test(name)
  return {
    addresses: names.filter(isAddress),
    hosts: names.filter((name) => !isAddress(name)),
  }
}
