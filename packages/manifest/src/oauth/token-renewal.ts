// Many processes share one refresh token that a provider may rotate: two requests with the same one can
// end the grant. So a refresh has three writes' worth of discipline, all by compare-and-set on the record:
//   1. claim    write "I refresh until T"; whoever loses this write waits for the winner's result
//   2. request  one token request, given up long before T
//   3. store    write the new tokens and drop the claim in the same write
// A claimer that dies leaves its claim to run out; then another takes over. A claimer that was suspended
// past T finds its write refused and looks: are the tokens still those it refreshed, its new ones are the
// only ones alive and are written; are they others, somebody else has refreshed and those stand.
import { AuthError, TransientError } from '@mortise/errors'
import type { AppManifest, AuthValues } from '../app-manifest.ts'
import { refreshTokens, requestClientCredentials } from './grants.ts'
import type { OAuthOptions } from './oauth-options.ts'
import { exchangeTokens } from './token-exchange.ts'
import { isExpired, type TokenSet } from './token-set.ts'
import type { StoredTokens, TokenRecord, TokenStore } from './token-store.ts'

/** Writes lost in a row: more than there can be processes that want the same; then the store is broken. */
export const MAX_LOST_WRITES = 20

/** Between tries to write what a store refused with an error. */
const MAX_PAUSE_MS = 1000

/** What a renewal works with: the options with their defaults. */
export interface Renewal extends Omit<OAuthOptions, 'auth' | 'signal'> {
  manifest: AppManifest
  store: TokenStore
  fields?: ((key: string) => AuthValues | Promise<AuthValues>) | undefined
  claimMs: number
  timeoutMs: number
  now: () => number
  skewMs: number
  pollMs: number
}

export function isFresh(renewal: Renewal, tokens: TokenSet, stale?: string): boolean {
  return (
    tokens.accessToken !== stale &&
    !isExpired(tokens, { now: renewal.now(), skewMs: renewal.skewMs })
  )
}

/** Fresh tokens, got by this process or another one. */
export async function renewTokens(
  renewal: Renewal,
  key: string,
  stale: string | undefined,
): Promise<TokenSet> {
  const { store, claimMs } = renewal
  const giveUpAt = renewal.now() + claimMs + renewal.timeoutMs
  for (let lost = 0; lost < MAX_LOST_WRITES; ) {
    const stored = await store.load(key)
    const tokens = stored?.record.tokens
    if (tokens && isFresh(renewal, tokens, stale)) return tokens
    const claim = stored?.record.claim
    if (claim && Date.parse(claim.until) > renewal.now()) {
      if (renewal.now() > giveUpAt) throw busy(renewal)
      await delay(renewal.pollMs)
      continue
    }
    checkRenewable(renewal, tokens)
    const until = new Date(renewal.now() + claimMs).toISOString()
    const version = await store.compareAndSet(key, stored?.version, {
      ...stored?.record,
      claim: { id: crypto.randomUUID(), until },
    })
    if (version !== undefined) return renewClaimed(renewal, { key, tokens, version })
    lost++
  }
  throw busy(renewal)
}

interface Claimed {
  key: string
  tokens: TokenSet | undefined
  version: string
}

async function renewClaimed(renewal: Renewal, claimed: Claimed): Promise<TokenSet> {
  let renewed: TokenSet
  try {
    renewed = await requestNew(renewal, claimed)
  } catch (error) {
    return recover(renewal, claimed, error)
  }
  return storeRenewed(renewal, claimed, renewed)
}

/**
 * Writes the result. Losing the race for the write must not lose the only living refresh token, and neither must a
 * store that is out of order for a moment: a write that failed may have happened, so look before the next one.
 */
async function storeRenewed(
  renewal: Renewal,
  claimed: Claimed,
  tokens: TokenSet,
): Promise<TokenSet> {
  const { store } = renewal
  let version: string | undefined = claimed.version
  let failure: unknown = busy(renewal)
  for (let lost = 0; lost < MAX_LOST_WRITES; lost++) {
    try {
      if ((await store.compareAndSet(claimed.key, version, { tokens })) !== undefined) return tokens
      const stored: StoredTokens | undefined = await store.load(claimed.key)
      const current = stored?.record.tokens
      if (current && !isSameGrant(current, claimed.tokens)) return current
      version = stored?.version
    } catch (thrown) {
      failure = thrown
      await delay(Math.min(renewal.pollMs * lost, MAX_PAUSE_MS))
    }
  }
  throw failure
}

/** The provider refused, or did not answer: somebody else's success wins, the claim is given back. */
async function recover(renewal: Renewal, claimed: Claimed, error: unknown): Promise<TokenSet> {
  const { store } = renewal
  try {
    const stored = await store.load(claimed.key)
    const current = stored?.record.tokens
    if (current && !isSameGrant(current, claimed.tokens)) return current
    if (stored?.version === claimed.version) {
      const released: TokenRecord = current ? { tokens: current } : {}
      await store.compareAndSet(claimed.key, claimed.version, released)
    }
  } catch {
    // The claim runs out by itself; what the provider said is what matters.
  }
  throw error
}

function isSameGrant(one: TokenSet, other: TokenSet | undefined): boolean {
  return one.accessToken === other?.accessToken && one.refreshToken === other.refreshToken
}

async function requestNew(renewal: Renewal, { key, tokens }: Claimed): Promise<TokenSet> {
  const { manifest } = renewal
  const request = { ...renewal, auth: await renewal.fields?.(key) }
  if (manifest.authentication.type === 'two_step') return exchangeTokens(manifest, request)
  if (grantOf(manifest) === 'client_credentials') return requestClientCredentials(manifest, request)
  return refreshTokens(manifest, { ...request, tokens: tokens as TokenSet })
}

function checkRenewable({ manifest }: Renewal, tokens: TokenSet | undefined): void {
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

export function busy({ manifest }: Renewal): TransientError {
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
