// The whole flow against a real authorization server, over HTTP on the loopback interface.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  beginAuthorization,
  completeAuthorization,
  createMemoryTokenStore,
  createTokenManager,
  refreshTokens,
  requestClientCredentials,
} from '@mortise/manifest/oauth'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestWith } from './sample-documents.ts'

const CALLBACK = 'https://app.example.com/callback'
const client = { clientId: 'mortise', clientSecret: 'a secret: with/special+characters' }
const options = { client, allowPrivateNetwork: true }
let server: Server
let issuer = ''

beforeAll(async () => {
  server = createServer((request, response) => handler(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = createProvider()
  const callback = provider.callback()
  handler = (request, response) => {
    if (request.url?.startsWith('/interaction/'))
      answerInteraction(provider, request, response).catch(() => response.writeHead(500).end())
    else callback(request, response)
  }
})

let handler: Parameters<typeof createServer>[1] & {} = () => {}

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function createProvider(): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
    scopes: ['openid', 'offline_access', 'things'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    cookies: { keys: ['test'] },
    ttl: Object.fromEntries(
      [
        'AccessToken',
        'AuthorizationCode',
        'ClientCredentials',
        'Grant',
        'IdToken',
        'Interaction',
        'RefreshToken',
        'Session',
      ].map((name) => [name, 600]),
    ),
  })
}

/** Signs the one user in and consents to everything. */
async function answerInteraction(
  provider: Provider,
  request: Parameters<Provider['interactionDetails']>[0],
  response: Parameters<Provider['interactionDetails']>[1],
) {
  const details = await provider.interactionDetails(request, response)
  if (details.prompt.name === 'login')
    return provider.interactionFinished(request, response, { login: { accountId: 'ana' } })
  const grant = new provider.Grant({ accountId: 'ana', clientId: client.clientId })
  grant.addOIDCScope('openid offline_access things')
  return provider.interactionFinished(request, response, {
    consent: { grantId: await grant.save() },
  })
}

function manifest(extra: object = {}) {
  return manifestWith({
    type: 'oauth_2',
    oauth_access_fields: {
      client_id: 'CLIENT_ID',
      client_secret: 'CLIENT_SECRET',
      authorize_url: 'https://{host}/auth',
      access_token_url: 'https://{host}/token',
      refresh_token_url: 'https://{host}/token',
      access_token_placement: 'header_bearer',
      token_auth_method: 'client_secret_basic',
      scope: ['openid', 'offline_access', 'things'],
      prompt: 'consent',
      issuer: 'placeholder',
      ...extra,
    },
    fields: [{ name: 'host', label: 'Host', type: 'text' }],
  })
}

function local(extra: object = {}) {
  const declared = structuredClone(manifest({ ...extra, issuer })) as ReturnType<typeof manifest>
  const { authentication } = declared
  if (authentication.type !== 'oauth_2') throw new Error('unreachable')
  for (const name of ['authorize_url', 'access_token_url', 'refresh_token_url'] as const)
    authentication.oauth_access_fields[name] =
      authentication.oauth_access_fields[name]?.replace('https://{host}', issuer) ?? ''
  return declared
}

/** Follows the provider's redirects with its cookies, as a browser does, up to our callback. */
async function signIn(start: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = start
  for (let hop = 0; hop < 10; hop++) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const [name = '', value = ''] = [
        pair.slice(0, pair.indexOf('=')),
        pair.slice(pair.indexOf('=') + 1),
      ]
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null)
      throw new Error(`no redirect: ${response.status} ${await response.text()}`)
    url = new URL(location, url).href
    if (url.startsWith(CALLBACK)) return url
  }
  throw new Error('too many redirects')
}

async function connect(declared: ReturnType<typeof manifest>) {
  const { url, session } = await beginAuthorization(declared, { ...options, redirectUri: CALLBACK })
  const callbackUrl = await signIn(url)
  return {
    session,
    callbackUrl,
    tokens: await completeAuthorization(declared, { ...options, session, callbackUrl }),
  }
}

describe('OAuth against a real authorization server', () => {
  it('connects with PKCE, and the token works', async () => {
    const { tokens } = await connect(local())
    expect(tokens).toMatchObject({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      scope: 'openid offline_access things',
    })
    expect(Date.parse(tokens.expiresAt ?? '')).toBeGreaterThan(Date.now())
    const me = await fetch(`${issuer}/me`, {
      headers: { authorization: `Bearer ${tokens.accessToken}` },
    })
    expect(await me.json()).toEqual({ sub: 'ana' })
  })

  it('refreshes, and the refresh token is rotated', async () => {
    const declared = local()
    const { tokens } = await connect(declared)
    const renewed = await refreshTokens(declared, { ...options, tokens })
    expect(renewed.accessToken).not.toBe(tokens.accessToken)
    expect(renewed.refreshToken).not.toBe(tokens.refreshToken)
  })

  it('a refresh token used twice is an AuthError, and the first use stays stored', async () => {
    const declared = local()
    const { tokens } = await connect(declared)
    await refreshTokens(declared, { ...options, tokens })
    const failure = await refreshTokens(declared, { ...options, tokens }).catch((error) => error)
    expect(failure).toMatchObject({ kind: 'auth', status: 400 })
    expect(JSON.stringify(failure)).not.toContain(tokens.refreshToken)
  })

  it('many callers of a manager make one refresh', async () => {
    const declared = local()
    const { tokens } = await connect(declared)
    let requests = 0
    const manager = createTokenManager(declared, {
      ...options,
      store: createMemoryTokenStore(),
      fetch: (url, init) => {
        requests++
        return fetch(url, init)
      },
    })
    await manager.save('ana', tokens)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => manager.renew('ana', tokens.accessToken)),
    )
    expect(new Set(answers.map(({ access_token }) => access_token)).size).toBe(1)
    expect(requests).toBe(1)
  })

  it('gets a token with client credentials', async () => {
    const tokens = await requestClientCredentials(
      local({ grant_type: 'client_credentials', scope: ['things'] }),
      options,
    )
    expect(tokens).toMatchObject({ accessToken: expect.any(String), scope: 'things' })
    expect(tokens.refreshToken).toBeUndefined()
  })

  it('a wrong client secret is an AuthError without the secret', async () => {
    const wrong = { clientId: 'mortise', clientSecret: 'not-the-secret-at-all' }
    const failure = await requestClientCredentials(local({ grant_type: 'client_credentials' }), {
      ...options,
      client: wrong,
    }).catch((error) => error)
    expect(failure).toMatchObject({ kind: 'auth', status: 401 })
    expect(JSON.stringify(failure) + failure.stack).not.toContain('not-the-secret-at-all')
  })

  it('the server refuses the flow when PKCE is switched off', async () => {
    const declared = local({ pkce: false })
    const { url, session } = await beginAuthorization(declared, {
      ...options,
      redirectUri: CALLBACK,
    })
    expect(url).not.toContain('code_challenge')
    const callbackUrl = await signIn(url)
    await expect(
      completeAuthorization(declared, { ...options, session, callbackUrl }),
    ).rejects.toMatchObject({ code: 'MANIFEST_OAUTH_REFUSED' })
  })

  it('a code is good for one exchange', async () => {
    const declared = local()
    const { session, callbackUrl } = await connect(declared)
    await expect(
      completeAuthorization(declared, { ...options, session, callbackUrl }),
    ).rejects.toMatchObject({ kind: 'auth' })
  })
})
