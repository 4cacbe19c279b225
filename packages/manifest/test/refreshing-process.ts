// One process of the refresh model: many callers, several rounds, a store and a provider over HTTP.

import { defineManifest } from '@mortise/manifest'
import { createTokenManager, type TokenStore } from '@mortise/manifest/oauth'

const { url, callers, rounds, timeoutMs, claimMs } = JSON.parse(process.argv[2] ?? '{}')

const manifest = defineManifest({
  app_id: 'model',
  name: 'Model',
  color: '#000000',
  description: {},
  website: url,
  signup_url: url,
  api_base_uri: { production: { uri: url, label: 'x', default: true } },
  authentication: {
    type: 'oauth_2',
    oauth_access_fields: {
      client_id: 'CLIENT_ID',
      client_secret: 'CLIENT_SECRET',
      authorize_url: `${url}/authorize`,
      access_token_url: `${url}/token`,
      refresh_token_url: `${url}/token`,
      access_token_placement: 'header_bearer',
    },
  },
})

async function ask<T>(path: string, body: unknown): Promise<T | undefined> {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return ((await response.json()) as T | null) ?? undefined
}

const store: TokenStore = {
  load: (key) => ask('/load', { key }),
  compareAndSet: (key, expectedVersion, record) =>
    ask('/compare-and-set', { key, expectedVersion: expectedVersion ?? null, record }),
}

const manager = createTokenManager(manifest, {
  store,
  client: { clientId: 'id', clientSecret: 'secret' },
  allowPrivateNetwork: true,
  pollMs: 10,
  timeoutMs,
  claimMs,
})

const seen: unknown[][] = []
let stale: string | undefined
for (let round = 0; round < rounds; round++) {
  const call = () =>
    stale === undefined ? manager.auth('account') : manager.renew('account', stale)
  const answers = await Promise.all(Array.from({ length: callers }, call))
  seen.push(answers.map(({ access_token }) => access_token))
  stale = String(answers[0]?.access_token)
}
console.log(JSON.stringify(seen))
