import { PermanentError } from '@mortise/errors'
import type { RealConfig } from '../config.ts'
import { realAccountsFromEnv } from './real-accounts.ts'

/** What the command line adds. */
export interface RealFlags {
  host?: string | undefined
  port?: string | undefined
  takeOver: boolean
}

/** Where a tunnel is expected to lead, unless `--port` says otherwise. */
const DEFAULT_PORT = 3000
const MAX_PORT = 65_535

/**
 * The real accounts of the environment with what they need, or nothing when there are none.
 * @throws {PermanentError} DEMO_ACCOUNT_INCOMPLETE, DEMO_PUBLIC_URL_MISSING, DEMO_PORT_INVALID
 */
export function realConfigFromEnv(
  env: NodeJS.ProcessEnv,
  flags: RealFlags,
): RealConfig | undefined {
  const accounts = realAccountsFromEnv(env)
  if (accounts.length === 0) return undefined
  const port = Number(flags.port ?? DEFAULT_PORT)
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    const message = `--port must be a number from 0 to ${MAX_PORT}, but is ${flags.port}`
    throw new PermanentError(message, { code: 'DEMO_PORT_INVALID' })
  }
  const publicUrl = parsePublicUrl(env.DEMO_PUBLIC_URL, port)
  return { accounts, publicUrl, host: flags.host, port, takeOver: flags.takeOver }
}

function parsePublicUrl(value: string | undefined, port: number): string {
  const url = value && URL.canParse(value) ? new URL(value) : undefined
  const isLocal = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost'
  const isGood = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)
  if (url && isGood && url.pathname === '/') return url.origin
  const what = value ? 'must be an https address without a path' : 'is missing'
  const message = `DEMO_PUBLIC_URL ${what}: start a tunnel to port ${port} (cloudflared tunnel --url http://127.0.0.1:${port}, or any other) and give its address`
  throw new PermanentError(message, { code: 'DEMO_PUBLIC_URL_MISSING' })
}
