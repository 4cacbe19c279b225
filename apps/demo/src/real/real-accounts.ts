import { createHmac } from 'node:crypto'
import { PermanentError } from '@mortise/errors'
import { adapterOf, PLATFORM_NAMES, type PlatformAccount, type PlatformName } from '../platforms.ts'

/** Credentials that the demo can make itself: Telegram takes any word, and the demo tells it to Telegram. */
const MADE_HERE: Partial<Record<PlatformName, (given: Record<string, string>) => object>> = {
  telegram: ({ botToken = '' }) => ({
    secretToken: createHmac('sha256', botToken).update('mortise-demo-webhook').digest('hex'),
  }),
}

/**
 * The accounts that the environment names: one variable for each credential that the platform's adapter requires,
 * `TELEGRAM_BOT_TOKEN` for `botToken`, and `TELEGRAM_API_URL` for an API elsewhere.
 * @throws {PermanentError} DEMO_ACCOUNT_INCOMPLETE when a platform has some of its variables, naming all that are missing.
 */
export function realAccountsFromEnv(env: NodeJS.ProcessEnv): PlatformAccount[] {
  const found = PLATFORM_NAMES.map((name) => readAccount(name, env))
  const problems = found.flatMap(({ problem }) => problem ?? [])
  if (problems.length > 0) {
    throw new PermanentError(problems.join('; '), { code: 'DEMO_ACCOUNT_INCOMPLETE' })
  }
  return found.flatMap(({ account }) => account ?? [])
}

/** The variable of a credential. */
export function variableOf(name: PlatformName, credential: string): string {
  return `${name}_${credential.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase()
}

function readAccount(
  name: PlatformName,
  env: NodeJS.ProcessEnv,
): { account?: PlatformAccount; problem?: string } {
  const required = adapterOf(name).requiredCredentials
  const given: Record<string, string> = {}
  for (const credential of required) {
    const value = env[variableOf(name, credential)]?.trim()
    if (value) given[credential] = value
  }
  if (Object.keys(given).length === 0) return {}
  const credentials: Record<string, string> = { ...MADE_HERE[name]?.(given), ...given }
  const missing = required.filter((credential) => !credentials[credential])
  if (missing.length > 0) {
    const names = (list: readonly string[]) => list.map((one) => variableOf(name, one)).join(', ')
    const problem = `${names(missing)} ${missing.length === 1 ? 'is' : 'are'} missing beside ${names(Object.keys(given))}`
    return { problem }
  }
  const apiUrl = env[variableOf(name, 'apiUrl')]
  return { account: { name, credentials, ...(apiUrl && { apiUrl }) } }
}
