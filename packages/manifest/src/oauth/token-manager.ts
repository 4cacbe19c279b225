// Many processes share one refresh token that a provider may rotate: two requests with the same one can
// end the grant. So a refresh has three writes' worth of discipline, all by compare-and-set on the record:
//   1. claim    write "I refresh until T"; whoever loses this write waits for the winner's result
//   2. request  one token request, given up long before T
//   3. store    write the new tokens and drop the claim in the same write
// A claimer that dies leaves its claim to run out; then another takes over. A claimer that was suspended
// past T finds its write refused and looks: are the tokens still those it refreshed, its new ones are the
// only ones alive and are written; are they others, somebody else has refreshed and those stand.
import { AuthError, isIntegrationError, TransientError } from '@mortise/errors'
import type { AppManifest, AuthValues } from '../app-manifest.ts'
import { refreshTokens, requestClientCredentials } from './grants.ts'
import { DEFAULT_TOKEN_TIMEOUT_MS, type OAuthOptions } from './oauth-options.ts'
import { exchangeTokens } from './token-exchange.ts'
import { authOf, isExpired, type TokenSet } from './token-set.ts'
import type { StoredTokens, TokenRecord, TokenStore } from './token-store.ts'

/** The world of a token manager. */
export interface TokenManagerOptions extends Omit<OAuthOptions, 'auth' | 'signal'> {
  store: TokenStore
  /** What the user typed into the form, by account. Default nothing. */
  fields?: ((key: string) => AuthValues | Promise<AuthValues>) | undefined
  /** How long before its end a token is replaced. Default {@link DEFAULT_EXPIRY_SKEW_MS}. */
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

/** Keeps the tokens of a manifest's accounts fresh, across any number of processes. */
export function createTokenManager(
  manifest: AppManifest,
  options: TokenManagerOptions,
): TokenManager {
  const { timeoutMs = DEFAULT_TOKEN_TIMEOUT_MS, claimMs = DEFAULT_CLAIM_MS } = options
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
    skewMs: options.expirySkewMs ?? DEFAULT_EXPIRY_SKEW_MS,
    pollMs: options.pollMs ?? DEFAULT_POLL_MS,
    flights: new Map(),
  }
  return {
    auth: async (key, { signal } = {}) => {
      const stored = await options.store.load(key)
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
      for (;;) {
        const stored = await options.store.load(key)
        if (await options.store.compareAndSet(key, stored?.version, { tokens })) return
      }
    },
  }
}

interface Manager extends TokenManagerOptions {
  manifest: AppManifest
  claimMs: number
  timeoutMs: number
  now: () => number
  skewMs: number
  pollMs: number
  flights: Map<string, Promise<TokenSet>>
}

function isFresh(manager: Manager, tokens: TokenSet, stale?: string): boolean {
  return (
    tokens.accessToken !== stale &&
    !isExpired(tokens, { now: manager.now(), skewMs: manager.skewMs })
  )
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

async function renewTokens(
  manager: Manager,
  key: string,
  stale: string | undefined,
): Promise<TokenSet> {
  const { store, claimMs } = manager
  const giveUpAt = manager.now() + claimMs + manager.timeoutMs
  for (;;) {
    const stored = await store.load(key)
    const tokens = stored?.record.tokens
    if (tokens && isFresh(manager, tokens, stale)) return tokens
    const claim = stored?.record.claim
    if (claim && Date.parse(claim.until) > manager.now()) {
      if (manager.now() > giveUpAt) throw busy(manager)
      await delay(manager.pollMs)
      continue
    }
    checkRenewable(manager, tokens)
    const id = crypto.randomUUID()
    const until = new Date(manager.now() + claimMs).toISOString()
    const version = await store.compareAndSet(key, stored?.version, {
      ...stored?.record,
      claim: { id, until },
    })
    if (version !== undefined) return renewClaimed(manager, { key, tokens, version, id })
  }
}

interface Claimed {
  key: string
  tokens: TokenSet | undefined
  version: string
  id: string
}

async function renewClaimed(manager: Manager, claimed: Claimed): Promise<TokenSet> {
  let renewed: TokenSet
  try {
    renewed = await requestNew(manager, claimed)
  } catch (error) {
    return recover(manager, claimed, error)
  }
  return storeRenewed(manager, claimed, renewed)
}

/** Writes the result. Losing the race for the write must not lose the only living refresh token. */
async function storeRenewed(
  manager: Manager,
  claimed: Claimed,
  tokens: TokenSet,
): Promise<TokenSet> {
  const { store } = manager
  let version: string | undefined = claimed.version
  for (;;) {
    if ((await store.compareAndSet(claimed.key, version, { tokens })) !== undefined) return tokens
    const stored: StoredTokens | undefined = await store.load(claimed.key)
    const current = stored?.record.tokens
    if (current && !isSameGrant(current, claimed.tokens)) return current
    version = stored?.version
  }
}

/** The provider refused, or did not answer: somebody else's success wins, the claim is given back. */
async function recover(manager: Manager, claimed: Claimed, error: unknown): Promise<TokenSet> {
  const { store } = manager
  const stored = await store.load(claimed.key)
  const current = stored?.record.tokens
  if (current && !isSameGrant(current, claimed.tokens)) return current
  if (stored?.version === claimed.version) {
    const released: TokenRecord = current ? { tokens: current } : {}
    await store.compareAndSet(claimed.key, claimed.version, released)
  }
  throw error
}

function isSameGrant(one: TokenSet, other: TokenSet | undefined): boolean {
  return one.accessToken === other?.accessToken && one.refreshToken === other.refreshToken
}

async function requestNew(manager: Manager, { key, tokens }: Claimed): Promise<TokenSet> {
  const { manifest } = manager
  const request = { ...manager, auth: await manager.fields?.(key) }
  if (manifest.authentication.type === 'two_step') return exchangeTokens(manifest, request)
  if (grantOf(manifest) === 'client_credentials') return requestClientCredentials(manifest, request)
  return refreshTokens(manifest, { ...request, tokens: tokens as TokenSet })
}

function checkRenewable({ manifest }: Manager, tokens: TokenSet | undefined): void {
  const { type } = manifest.authentication
  if (type === 'two_step' || grantOf(manifest) === 'client_credentials') return
  if (tokens?.refreshToken !== undefined) return
  const [what, code] = tokens
    ? ['the token has ended and cannot be refreshed', 'MANIFEST_REFRESH_TOKEN_MISSING']
    : ['the account is not connected', 'MANIFEST_TOKENS_MISSING']
  throw new AuthError(`${manifest.name}: ${what}. Connect it again.`, { code, outcome: 'not_sent' })
}

function grantOf({ authentication }: AppManifest): string | undefined {
  return authentication.type === 'oauth_2'
    ? authentication.oauth_access_fields.grant_type
    : undefined
}

function busy({ manifest }: Manager): TransientError {
  return new TransientError(`${manifest.name}: another process keeps refreshing the tokens.`, {
    code: 'MANIFEST_REFRESH_BUSY',
    outcome: 'not_sent',
  })
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
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
