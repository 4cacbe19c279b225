import { isIntegrationError } from '@mortise/errors'
import type { AppManifest, AuthValues } from '../app-manifest.ts'
import { checkManifest } from '../check-arguments.ts'
import { checkTimeout } from '../timeout.ts'
import { DEFAULT_TOKEN_TIMEOUT_MS, type OAuthOptions } from './oauth-options.ts'
import { busy, isFresh, MAX_LOST_WRITES, type Renewal, renewTokens } from './token-renewal.ts'
import { authOf, type TokenSet } from './token-set.ts'
import type { TokenStore } from './token-store.ts'

/** The world of a token manager. */
export interface TokenManagerOptions extends Omit<OAuthOptions, 'auth' | 'signal'> {
  store: TokenStore
  /** What the user typed into the form, by account. Default nothing. */
  fields?: ((key: string) => AuthValues | Promise<AuthValues>) | undefined
  /** How long before its end a token is replaced, at most half of its life. Default {@link DEFAULT_EXPIRY_SKEW_MS}. */
  expirySkewMs?: number | undefined
  /** How long a claim keeps others away; more than twice `timeoutMs`. Default {@link DEFAULT_CLAIM_MS}. */
  claimMs?: number | undefined
  /** How often to look whether another process is done. Default {@link DEFAULT_POLL_MS}. */
  pollMs?: number | undefined
}

/** Tokens of many accounts, always fresh, refreshed once however many ask. */
export interface TokenManager {
  /**
   * `event.auth` of an account with a token that is good for now: refreshed if it is about to end.
   *
   * @throws {AuthError} MANIFEST_TOKENS_MISSING, or the provider's refusal: connect again.
   * @throws {TransientError} when the provider is out of order; the stored tokens are kept.
   */
  auth: (key: string, options?: { signal?: AbortSignal }) => Promise<AuthValues>
  /** The same after an API refused `staleAccessToken`: refreshes unless somebody has done so since. */
  renew: (
    key: string,
    staleAccessToken: string,
    options?: { signal?: AbortSignal },
  ) => Promise<AuthValues>
  /** Stores the tokens of a new connection over whatever there was. */
  save: (key: string, tokens: TokenSet) => Promise<void>
}

/** Covers the time between handing a token out and the API looking at it. */
export const DEFAULT_EXPIRY_SKEW_MS = 60_000

/** Three times the longest token request. */
export const DEFAULT_CLAIM_MS = 60_000

/** A refresh takes a few hundred milliseconds; a read is cheap. */
export const DEFAULT_POLL_MS = 100

/**
 * Keeps the tokens of a manifest's accounts fresh, across any number of processes.
 *
 * @throws {TypeError} when there is no manifest or no store, or a time is out of range: the caller's mistake.
 */
export function createTokenManager(
  manifest: AppManifest,
  options: TokenManagerOptions,
): TokenManager {
  checkManifest(manifest)
  if (typeof options?.store?.compareAndSet !== 'function')
    throw new TypeError('The option "store" is a TokenStore such as createMemoryTokenStore().')
  const { timeoutMs = DEFAULT_TOKEN_TIMEOUT_MS, claimMs = DEFAULT_CLAIM_MS } = options
  const { pollMs = DEFAULT_POLL_MS, expirySkewMs = DEFAULT_EXPIRY_SKEW_MS } = options
  for (const [name, ms] of Object.entries({ timeoutMs, claimMs, pollMs })) checkTimeout(name, ms)
  if (!(expirySkewMs >= 0))
    throw new TypeError(
      `The option "expirySkewMs" is a number of milliseconds, but is ${String(expirySkewMs)}.`,
    )
  if (claimMs < timeoutMs * 2)
    throw new TypeError(
      `claimMs must be at least twice timeoutMs (${timeoutMs}), but is ${claimMs}.`,
    )
  const manager: Manager = {
    ...options,
    manifest,
    claimMs,
    timeoutMs,
    now: options.now ?? Date.now,
    skewMs: expirySkewMs,
    pollMs,
    flights: new Map(),
  }
  return {
    auth: async (key, { signal } = {}) => {
      const stored = await abortable(options.store.load(key), signal)
      const fresh =
        stored?.record.tokens && isFresh(manager, stored.record.tokens)
          ? stored.record.tokens
          : undefined
      const tokens = fresh ?? (await abortable(fly(manager, key, undefined), signal))
      return { ...(await options.fields?.(key)), ...authOf(tokens) }
    },
    renew: async (key, staleAccessToken, { signal } = {}) => {
      const tokens = await abortable(fly(manager, key, staleAccessToken), signal)
      return { ...(await options.fields?.(key)), ...authOf(tokens) }
    },
    save: async (key, tokens) => {
      for (let lost = 0; lost < MAX_LOST_WRITES; lost++) {
        const stored = await options.store.load(key)
        if (await options.store.compareAndSet(key, stored?.version, { tokens })) return
      }
      throw busy(manager)
    },
  }
}

interface Manager extends Renewal {
  flights: Map<string, Promise<TokenSet>>
}

/** One refresh per account and stale token at a time in this process. */
function fly(manager: Manager, key: string, stale: string | undefined): Promise<TokenSet> {
  const name = JSON.stringify([key, stale])
  const running = manager.flights.get(name)
  if (running !== undefined) return running
  const flight = renewTokens(manager, key, stale).finally(() => manager.flights.delete(name))
  manager.flights.set(name, flight)
  return flight
}

/** One caller's patience ends without ending the refresh that others wait for. */
function abortable<T>(flight: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return flight
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(signal.reason)
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    flight.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop)
    })
  })
}

/** Whether an error says that an access token has ended, so that `renew` is worth a try. */
export function isTokenExpired(error: unknown): boolean {
  return isIntegrationError(error) && error.kind === 'auth' && error.status === 401
}
