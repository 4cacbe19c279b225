import { inspect } from 'node:util'
import { type AppManifest, resolveClient } from '@mortise/manifest'
import {
  authOf,
  beginAuthorization,
  completeAuthorization,
  createMemoryTokenStore,
  createTokenManager,
  exchangeTokens,
  refreshTokens,
  requestClientCredentials,
  type TokenSet,
} from '@mortise/manifest/oauth'
import { describe, expect, it } from 'vitest'
import { documented, manifestWith } from './sample-documents.ts'

const CALLBACK = 'https://app.example.com/callback'
const client = { clientId: 'id', clientSecret: 's3cr3t&more' }

function oauth(fields: object = {}, rest: object = {}): AppManifest {
  return manifestWith({
    type: 'oauth_2',
    oauth_access_fields: {
      client_id: 'CLIENT_ID',
      client_secret: 'CLIENT_SECRET',
      authorize_url: 'https://x.com/authorize?tenant=1',
      access_token_url: 'https://x.com/token',
      access_token_placement: 'header_bearer',
      ...fields,
    },
    ...rest,
  })
}

interface Sent {
  url: string
  method: string
  headers: Headers
  body: string
}

/** A token endpoint that answers what it is told and remembers what it was asked. */
function endpoint(...answers: (Response | Error)[]) {
  const sent: Sent[] = []
  const fetch = async (url: string, init: RequestInit) => {
    sent.push({
      url,
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      body: String(init.body ?? ''),
    })
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer ?? Response.json({ access_token: 'a', token_type: 'bearer' })
  }
  return { fetch, sent }
}

async function failure(promise: Promise<unknown>) {
  return promise.then(
    () => {
      throw new Error('nothing failed')
    },
    (error) => error,
  )
}

describe('beginAuthorization', () => {
  it('adds what the standard asks for, PKCE, and the provider’s extras', async () => {
    const { url, session } = await beginAuthorization(documented('google-contacts'), {
      client,
      redirectUri: CALLBACK,
      now: () => 0,
    })
    const query = Object.fromEntries(new URL(url).searchParams)
    expect(url.startsWith('https://accounts.google.com/o/oauth2/v2/auth?')).toBe(true)
    expect(query).toEqual({
      access_type: 'offline',
      prompt: 'consent',
      response_type: 'code',
      client_id: 'id',
      redirect_uri: CALLBACK,
      scope: 'https://www.googleapis.com/auth/contacts',
      state: session.state,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(session).toEqual({
      state: expect.stringMatching(/^[\w-]{43}$/),
      codeVerifier: expect.stringMatching(/^[\w-]{43}$/),
      redirectUri: CALLBACK,
      expiresAt: '1970-01-01T00:10:00.000Z',
    })
  })

  it('jira: query_string reaches the authorization address', async () => {
    const { url } = await beginAuthorization(documented('jira'), { client, redirectUri: CALLBACK })
    expect(new URL(url).searchParams.get('audience')).toBe('api.atlassian.com')
  })

  it('keeps the address’s own parameters, fills fields, joins scopes, renames parameters', async () => {
    const manifest = oauth(
      {
        authorize_url: 'https://{shop}.x.com/authorize?tenant=1',
        scope: ['a', 'b'],
        scope_separator: ',',
        pkce: false,
        authorize_param_names: { client_id: 'client_key', response_type: '' },
      },
      { fields: [{ name: 'shop', label: 'S', type: 'text' }] },
    )
    const { url, session } = await beginAuthorization(manifest, {
      client,
      redirectUri: CALLBACK,
      auth: { shop: 'acme' },
    })
    expect(url).toBe(
      `https://acme.x.com/authorize?tenant=1&client_key=id&redirect_uri=${encodeURIComponent(CALLBACK)}&scope=a%2Cb&state=${session.state}`,
    )
    expect(session.codeVerifier).toBeUndefined()
  })

  it('never makes the same state twice', async () => {
    const states = new Set<string>()
    for (let index = 0; index < 50; index++)
      states.add(
        (await beginAuthorization(oauth(), { client, redirectUri: CALLBACK })).session.state,
      )
    expect(states.size).toBe(50)
  })

  it('refuses another kind of manifest and a relative callback', async () => {
    await expect(
      beginAuthorization(documented('agendor'), { client, redirectUri: CALLBACK }),
    ).rejects.toThrow(TypeError)
    await expect(beginAuthorization(oauth(), { client, redirectUri: '/callback' })).rejects.toThrow(
      /redirectUri/,
    )
    await expect(
      beginAuthorization(oauth(), { client: {} as never, redirectUri: CALLBACK }),
    ).rejects.toThrow(/client/)
  })
})

describe('completeAuthorization', () => {
  const session = {
    state: 'st',
    codeVerifier: 'v'.repeat(43),
    redirectUri: CALLBACK,
    expiresAt: '2100-01-01T00:00:00.000Z',
  }
  const complete = (manifest: AppManifest, query: string, extra: object = {}) =>
    completeAuthorization(manifest, {
      client,
      session,
      callbackUrl: `${CALLBACK}?${query}`,
      ...endpoint(),
      ...extra,
    })

  it('keeps code and verifier out of the error when the provider repeats them', async () => {
    const code = 'authorization-code-0815'
    for (const repeat of [
      async (_url: string, { body }: RequestInit) =>
        Response.json({ error: 'invalid_grant', error_description: body }, { status: 400 }),
      async (_url: string, { body }: RequestInit) => Promise.reject(new Error(String(body))),
    ]) {
      const error = await failure(complete(oauth(), `code=${code}&state=st`, { fetch: repeat }))
      const shown = inspect(error, { depth: 9, showHidden: true })
      expect(shown).toContain('authorization_code')
      expect(shown).not.toContain(code)
      expect(shown).not.toContain(session.codeVerifier)
      expect(shown).not.toContain('s3cr3t')
    }
  })

  it.each(['//', 'http://[', 'https://h:99999/'])(
    'takes an address that is none for a forged callback: %s',
    async (callbackUrl) => {
      const { fetch, sent } = endpoint()
      const options = { client, session, fetch, callbackUrl }
      const error = await failure(completeAuthorization(oauth(), options))
      expect(error).toMatchObject({ kind: 'auth', code: 'MANIFEST_OAUTH_STATE_MISMATCH' })
      expect(sent).toEqual([])
    },
  )

  it.each([undefined, null, { ...session, state: '' }, { ...session, redirectUri: undefined }, {}])(
    'accepts no callback without a session: %j',
    async (broken) => {
      const { fetch, sent } = endpoint()
      const options = { client, session: broken as never, fetch, callbackUrl: '/callback?code=c' }
      await expect(completeAuthorization(oauth(), options)).rejects.toThrow(/"session"/)
      expect(sent).toEqual([])
    },
  )

  it('refuses a time that no timer can wait', async () => {
    const query = 'code=c&state=st'
    for (const timeoutMs of [0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5000'])
      await expect(complete(oauth(), query, { timeoutMs })).rejects.toThrow(/"timeoutMs"/)
  })

  it('takes a typed value that cannot stand in a header for the owner’s business', async () => {
    const manifest = oauth(
      { token_headers: { 'X-Shop': '{shop}' } },
      { fields: [{ name: 'shop', label: 'Shop', type: 'text' }] },
    )
    const error = await failure(complete(manifest, 'code=c&state=st', { auth: { shop: 'a\r\nb' } }))
    expect(error).toMatchObject({ kind: 'auth', code: 'MANIFEST_CREDENTIAL_INVALID' })
  })

  it('sends the code, the verifier and the client by default in a form', async () => {
    const { fetch, sent } = endpoint(
      Response.json({ access_token: 'a', refresh_token: 'r', expires_in: 60, scope: 'x' }),
    )
    const tokens = await complete(oauth(), 'code=c%2Fd&state=st', { fetch, now: () => 0 })
    expect(tokens).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: '1970-01-01T00:01:00.000Z',
      obtainedAt: '1970-01-01T00:00:00.000Z',
      scope: 'x',
    })
    expect(sent[0]).toMatchObject({ url: 'https://x.com/token', method: 'POST' })
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
      grant_type: 'authorization_code',
      code: 'c/d',
      redirect_uri: CALLBACK,
      code_verifier: session.codeVerifier,
      client_id: 'id',
      client_secret: 's3cr3t&more',
    })
  })

  it.each<[string, object, (sent: Sent) => void]>([
    [
      'client_secret_basic',
      { token_auth_method: 'client_secret_basic' },
      ({ headers, body }) => {
        expect(headers.get('authorization')).toBe(`Basic ${btoa('id:s3cr3t%26more')}`)
        expect(body).not.toContain('client_')
      },
    ],
    [
      'client_secret_basic_raw',
      { token_auth_method: 'client_secret_basic_raw' },
      ({ headers }) => {
        expect(headers.get('authorization')).toBe(`Basic ${btoa('id:s3cr3t&more')}`)
      },
    ],
    [
      'none',
      { token_auth_method: 'none' },
      ({ body }) => {
        expect(new URLSearchParams(body).get('client_id')).toBe('id')
        expect(body).not.toContain('client_secret')
      },
    ],
    [
      'a JSON body',
      { token_request_format: 'json' },
      ({ headers, body }) => {
        expect(headers.get('content-type')).toBe('application/json')
        expect(JSON.parse(body)).toMatchObject({ code: 'c', client_secret: 's3cr3t&more' })
      },
    ],
    [
      'GET',
      { token_http_method: 'GET' },
      ({ url, method, body }) => {
        expect([method, body, new URL(url).searchParams.get('code')]).toEqual(['GET', '', 'c'])
      },
    ],
    [
      'further parameters and headers',
      {
        token_params: { audience: 'api', app: '{client_id}' },
        token_headers: { 'X-App': '{base64({client_id})}' },
      },
      ({ headers, body }) => {
        expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
          audience: 'api',
          app: 'id',
        })
        expect(headers.get('x-app')).toBe(btoa('id'))
      },
    ],
  ])('knows %s', async (_name, fields, check) => {
    const { fetch, sent } = endpoint()
    await complete(oauth(fields), 'code=c&state=st', { fetch })
    check(sent[0] as Sent)
  })

  it('finds tokens at other places, captures values, and reads form answers', async () => {
    const slack = oauth({
      token_response: {
        access_token: 'authed_user.access_token',
        expires_at: 'until',
        capture: { team: 'team.id' },
      },
      redirect_capture: { realm: 'realmId' },
      code_param: 'auth_code',
    })
    const { fetch } = endpoint(
      Response.json(
        { ok: true, authed_user: { access_token: 'u' }, until: 1_000_000_000, team: { id: 7 } },
        { status: 201 },
      ),
    )
    const tokens = await complete(slack, 'auth_code=c&state=st&realmId=r', { fetch })
    expect(tokens).toEqual({
      accessToken: 'u',
      expiresAt: '2001-09-09T01:46:40.000Z',
      obtainedAt: expect.any(String),
      captured: { realm: 'r', team: '7' },
    })
    expect(authOf(tokens)).toEqual({ access_token: 'u', realm: 'r', team: '7' })
    const form = endpoint(
      new Response('access_token=f&scope=a+b', {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    )
    expect(await complete(oauth(), 'code=c&state=st', form)).toEqual({
      accessToken: 'f',
      scope: 'a b',
    })
  })

  it.each([
    ['state=other&code=c', 'MANIFEST_OAUTH_STATE_MISMATCH', 'auth'],
    ['code=c', 'MANIFEST_OAUTH_STATE_MISMATCH', 'auth'],
    ['state=st', 'MANIFEST_OAUTH_CODE_MISSING', 'permanent'],
    ['state=st&error=access_denied', 'MANIFEST_OAUTH_DENIED', 'auth'],
    ['state=st&error=invalid_scope', 'MANIFEST_OAUTH_REFUSED', 'permanent'],
    ['state=st&error=temporarily_unavailable', 'UNAVAILABLE', 'transient'],
    ['state=st&error=%3Cscript%3E', 'MANIFEST_OAUTH_REFUSED', 'permanent'],
    ['state=st&code=c&iss=https://evil.com', 'MANIFEST_OAUTH_ISSUER_MISMATCH', 'auth'],
  ])('refuses the callback %s with %s', async (query, code, kind) => {
    const { fetch, sent } = endpoint()
    const error = await failure(complete(oauth({ issuer: 'https://x.com' }), query, { fetch }))
    expect(error).toMatchObject({ code, kind })
    expect(error.message).not.toContain('<script>')
    expect(sent).toEqual([])
  })

  it('refuses a session that is too old', async () => {
    const error = await failure(
      complete(oauth(), 'code=c&state=st', { now: () => Date.parse('2100-01-01T00:00:00.001Z') }),
    )
    expect(error).toMatchObject({ code: 'MANIFEST_OAUTH_SESSION_EXPIRED', kind: 'auth' })
  })

  it.each<[string, () => Response | Error, object]>([
    [
      'invalid_grant',
      () => Response.json({ error: 'invalid_grant' }, { status: 400 }),
      { kind: 'auth' },
    ],
    [
      'invalid_client',
      () => Response.json({ error: 'invalid_client' }, { status: 401 }),
      { kind: 'auth' },
    ],
    [
      'temporarily_unavailable',
      () => Response.json({ error: 'temporarily_unavailable' }, { status: 400 }),
      { kind: 'transient' },
    ],
    [
      '429',
      () => new Response('', { status: 429, headers: { 'retry-after': '7' } }),
      { kind: 'rate_limit', retryAfterMs: 7000 },
    ],
    ['503', () => new Response('', { status: 503 }), { kind: 'transient' }],
    [
      'a broken connection',
      () =>
        new TypeError('fetch failed', {
          cause: Object.assign(new Error(), { code: 'ECONNRESET' }),
        }),
      { kind: 'transient' },
    ],
    ['invalid_grant in a 200', () => Response.json({ error: 'invalid_grant' }), { kind: 'auth' }],
    [
      'another error in a 200',
      () => Response.json({ ok: false, error: 'bad_verification_code' }),
      {
        kind: 'permanent',
        code: 'MANIFEST_TOKEN_RESPONSE_INVALID',
        details: { error: 'bad_verification_code' },
      },
    ],
    [
      'a page instead of tokens',
      () => new Response('<html>hello</html>'),
      { kind: 'permanent', code: 'MANIFEST_TOKEN_RESPONSE_INVALID' },
    ],
    [
      'a redirect',
      () => new Response('', { status: 302, headers: { location: 'https://evil.com' } }),
      { kind: 'permanent', code: 'MANIFEST_TOKEN_RESPONSE_INVALID' },
    ],
    ['an endless answer', () => new Response('x'.repeat(1_100_000)), {}],
  ])('explains %s, without a secret', async (_what, answer, expected) => {
    const error = await failure(
      complete(oauth(), 'code=the-code-4711&state=st', endpoint(answer())),
    )
    expect(error).toMatchObject(expected)
    expect(JSON.stringify(error) + String(error.stack)).not.toMatch(/s3cr3t|the-code-4711/)
  })
})

describe('refreshTokens and requestClientCredentials', () => {
  const tokens: TokenSet = { accessToken: 'old', refreshToken: 'r1', captured: { instance: 'i' } }

  it('keeps the refresh token and what was captured when the answer has none', async () => {
    const { fetch, sent } = endpoint(Response.json({ access_token: 'new' }))
    const renewed = await refreshTokens(
      oauth({ refresh_token_url: 'https://x.com/refresh', refresh_params: { a: 'b' } }),
      { client, tokens, fetch },
    )
    expect(renewed).toEqual({ accessToken: 'new', refreshToken: 'r1', captured: { instance: 'i' } })
    expect(sent[0]?.url).toBe('https://x.com/refresh')
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'r1',
      a: 'b',
    })
  })

  it('a client of the user’s own comes from the form', async () => {
    const manifest = oauth(
      {
        client_id: '{client_id}',
        client_secret: '{client_secret}',
        grant_type: 'client_credentials',
        scope: ['a', 'b'],
      },
      {
        fields: [
          { name: 'client_id', label: 'C', type: 'text' },
          { name: 'client_secret', label: 'S', type: 'password' },
        ],
      },
    )
    const own = await resolveClient(manifest, () => undefined)
    const { fetch, sent } = endpoint()
    await requestClientCredentials(manifest, {
      client: own,
      auth: { client_id: 'mine', client_secret: 'hush' },
      fetch,
    })
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
      client_id: 'mine',
      client_secret: 'hush',
    })
  })

  it('the environment is asked by default', async () => {
    const { fetch, sent } = endpoint()
    process.env.CLIENT_ID = 'from-env'
    process.env.CLIENT_SECRET = 'secret-from-env'
    try {
      await requestClientCredentials(oauth({ grant_type: 'client_credentials' }), { fetch })
    } finally {
      delete process.env.CLIENT_ID
      delete process.env.CLIENT_SECRET
    }
    expect(sent[0]?.body).toContain('client_id=from-env')
  })

  it('a resolver is asked for the names in the manifest', async () => {
    const asked: string[] = []
    const resolver = (name: string) => {
      asked.push(name)
      return `value of ${name}`
    }
    expect(await resolveClient(oauth(), resolver)).toEqual({
      clientId: 'value of CLIENT_ID',
      clientSecret: 'value of CLIENT_SECRET',
    })
    expect(asked).toEqual(['CLIENT_ID', 'CLIENT_SECRET'])
    expect(await failure(resolveClient(oauth(), () => ''))).toMatchObject({
      code: 'MANIFEST_SECRET_MISSING',
      details: { name: 'CLIENT_ID' },
    })
  })
})

describe('exchangeTokens', () => {
  const manifest = manifestWith({
    type: 'two_step',
    fields: [
      { name: 'user', label: 'U', type: 'text' },
      { name: 'pass', label: 'P', type: 'password' },
    ],
    token_requests: [
      {
        url: 'https://x.com/discover?team={user}',
        http_method: 'GET',
        capture: { host: 'endpoint' },
      },
      {
        url: '{host}/login',
        headers: { 'X-User': '{base64({user}:{pass})}' },
        body: { login: { user: '{user}', pass: '{pass}' }, remember: true },
      },
    ],
    token_response: { access_token: 'data.jwt', capture: { region: 'data.region' } },
    token_lifetime_seconds: 60,
    access_token_placement: 'header',
    access_token_header: 'X-Session',
  })
  const auth = { user: 'ana', pass: 'p"w' }

  it('runs the requests in order, each with what the earlier ones captured', async () => {
    const { fetch, sent } = endpoint(
      Response.json({ endpoint: 'https://eu.x.com' }),
      Response.json({ data: { jwt: 'j', region: 'eu' } }),
    )
    expect(await exchangeTokens(manifest, { auth, fetch, now: () => 0 })).toEqual({
      accessToken: 'j',
      expiresAt: '1970-01-01T00:01:00.000Z',
      obtainedAt: '1970-01-01T00:00:00.000Z',
      captured: { host: 'https://eu.x.com', region: 'eu' },
    })
    expect(sent.map(({ url, method }) => [method, url])).toEqual([
      ['GET', 'https://x.com/discover?team=ana'],
      ['POST', 'https://eu.x.com/login'],
    ])
    expect(JSON.parse(sent[1]?.body ?? '')).toEqual({
      login: { user: 'ana', pass: 'p"w' },
      remember: true,
    })
    expect(sent[1]?.headers.get('x-user')).toBe(btoa('ana:p"w'))
  })

  it('keeps what one step hands to the next out of the error', async () => {
    const steps = manifestWith({
      type: 'two_step',
      fields: [{ name: 'key', label: 'K', type: 'password' }],
      token_requests: [
        { url: 'https://x.com/start', body: { key: '{key}' }, capture: { ticket: 'ticket' } },
        { url: 'https://x.com/finish', body: { ticket: '{ticket}' } },
      ],
      access_token_placement: 'header_bearer',
    })
    const { fetch } = endpoint(
      Response.json({ ticket: 'ticket-47110815' }),
      Response.json({ message: 'ticket-47110815 has ended' }, { status: 400 }),
    )
    const error = await failure(exchangeTokens(steps, { auth: { key: 'key-0815' }, fetch }))
    expect(inspect(error)).toContain('has ended')
    expect(inspect(error)).not.toContain('47110815')
  })

  it('goes to no private address, even when an answer says so', async () => {
    const { fetch, sent } = endpoint(Response.json({ endpoint: 'https://169.254.169.254' }))
    expect(await failure(exchangeTokens(manifest, { auth, fetch }))).toMatchObject({
      code: 'MANIFEST_HOST_REFUSED',
    })
    expect(sent).toHaveLength(1)
  })
})

describe('createTokenManager', () => {
  const expired: TokenSet = {
    accessToken: 'a0',
    refreshToken: 'r0',
    expiresAt: '2020-01-01T00:00:00.000Z',
  }
  const fresh = { accessToken: 'a9', refreshToken: 'r9', expiresAt: '2100-01-01T00:00:00.000Z' }

  async function managed(fetch: ReturnType<typeof endpoint>['fetch'], tokens?: TokenSet) {
    const store = createMemoryTokenStore()
    const manager = createTokenManager(oauth(), {
      store,
      client,
      fetch,
      pollMs: 1,
      fields: () => ({ shop: 'acme' }),
    })
    if (tokens) await manager.save('k', tokens)
    return { store, manager }
  }

  it('hands out a good token without asking anybody', async () => {
    const { fetch, sent } = endpoint()
    const { manager } = await managed(fetch, fresh)
    expect(await manager.auth('k')).toEqual({ shop: 'acme', access_token: 'a9' })
    expect(sent).toEqual([])
  })

  it('refreshes an ended one once for many callers, and stores it', async () => {
    const { fetch, sent } = endpoint(Response.json({ access_token: 'a1', refresh_token: 'r1' }))
    const { manager, store } = await managed(fetch, expired)
    const answers = await Promise.all(Array.from({ length: 50 }, () => manager.auth('k')))
    expect(new Set(answers.map(({ access_token }) => access_token))).toEqual(new Set(['a1']))
    expect(sent).toHaveLength(1)
    expect((await store.load('k'))?.record).toEqual({
      tokens: { accessToken: 'a1', refreshToken: 'r1' },
    })
  })

  it('keeps a token that lives shorter than the skew for half of its life', async () => {
    const { fetch, sent } = endpoint(
      Response.json({ access_token: 'a1', refresh_token: 'r1', expires_in: 60 }),
      Response.json({ access_token: 'a2', refresh_token: 'r2', expires_in: 60 }),
    )
    let now = Date.parse('2030-01-01T00:00:00Z')
    const store = createMemoryTokenStore()
    const manager = createTokenManager(oauth(), { store, client, fetch, now: () => now })
    await manager.save('k', expired)
    for (let call = 0; call < 5; call++)
      expect(await manager.auth('k')).toEqual({ access_token: 'a1' })
    expect(sent).toHaveLength(1)
    now += 31_000
    expect(await manager.auth('k')).toEqual({ access_token: 'a2' })
    expect(sent).toHaveLength(2)
  })

  it('takes a token whose end cannot be read for an ended one', async () => {
    const { fetch, sent } = endpoint(Response.json({ access_token: 'a1' }))
    const { manager } = await managed(fetch, { ...expired, expiresAt: 'soon' })
    expect(await manager.auth('k')).toMatchObject({ access_token: 'a1' })
    expect(sent).toHaveLength(1)
  })

  it.each([
    ['timeoutMs', 0],
    ['timeoutMs', 2 ** 31],
    ['timeoutMs', Number.POSITIVE_INFINITY],
    ['claimMs', Number.NaN],
    ['pollMs', 0.5],
    ['expirySkewMs', Number.NaN],
  ])('refuses %s: %d', (name, ms) => {
    const store = createMemoryTokenStore()
    expect(() => createTokenManager(oauth(), { store, client, [name]: ms })).toThrow(TypeError)
    expect(() => createTokenManager(oauth(), { store, client, [name]: ms })).toThrow(name)
  })

  it('refuses to work without a manifest or a store', () => {
    const store = createMemoryTokenStore()
    expect(() => createTokenManager(undefined as never, { store })).toThrow(/parseManifest/)
    expect(() => createTokenManager(oauth(), {} as never)).toThrow(/"store"/)
  })

  it('renew after a 401 refreshes once; whoever comes late gets the new token', async () => {
    const { fetch, sent } = endpoint(Response.json({ access_token: 'a1', refresh_token: 'r1' }))
    const { manager } = await managed(fetch, fresh)
    expect(await manager.renew('k', 'a9')).toMatchObject({ access_token: 'a1' })
    expect(await manager.renew('k', 'a9')).toMatchObject({ access_token: 'a1' })
    expect(sent).toHaveLength(1)
  })

  it('keeps the grant through an outage, and gives the claim back', async () => {
    const { fetch } = endpoint(
      new Response('', { status: 503 }),
      Response.json({ access_token: 'a1' }),
    )
    const { manager, store } = await managed(fetch, expired)
    expect(await failure(manager.auth('k'))).toMatchObject({ kind: 'transient' })
    expect((await store.load('k'))?.record).toEqual({ tokens: expired })
    expect(await manager.auth('k')).toMatchObject({ access_token: 'a1' })
  })

  it('believes invalid_grant only if nobody else has refreshed meanwhile', async () => {
    const { manager, store } = await managed(async () => {
      const stored = await store.load('k')
      await store.compareAndSet('k', stored?.version, { tokens: fresh })
      return Response.json({ error: 'invalid_grant' }, { status: 400 })
    }, expired)
    expect(await manager.auth('k')).toMatchObject({ access_token: 'a9' })
    const dead = await managed(
      async () => Response.json({ error: 'invalid_grant' }, { status: 400 }),
      expired,
    )
    expect(await failure(dead.manager.auth('k'))).toMatchObject({ kind: 'auth' })
  })

  it('does not lose new tokens to a claim that was taken over', async () => {
    const { manager, store } = await managed(async () => {
      const stored = await store.load('k')
      await store.compareAndSet('k', stored?.version, {
        ...stored?.record,
        claim: { id: 'other', until: '2100-01-01T00:00:00.000Z' },
      })
      return Response.json({ access_token: 'a1', refresh_token: 'r1' })
    }, expired)
    expect(await manager.auth('k')).toMatchObject({ access_token: 'a1' })
    expect((await store.load('k'))?.record).toEqual({
      tokens: { accessToken: 'a1', refreshToken: 'r1' },
    })
  })

  it('one caller’s impatience does not end the refresh of the others', async () => {
    let release = () => {}
    const { manager } = await managed(async () => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return Response.json({ access_token: 'a1' })
    }, expired)
    const controller = new AbortController()
    const impatient = failure(manager.auth('k', { signal: controller.signal }))
    const patient = manager.auth('k')
    await new Promise((resolve) => setTimeout(resolve, 10))
    controller.abort(new Error('enough'))
    expect(await impatient).toMatchObject({ message: 'enough' })
    release()
    expect(await patient).toMatchObject({ access_token: 'a1' })
  })

  it('an account that is not connected, or cannot be refreshed, is the owner’s to connect', async () => {
    const { manager } = await managed(endpoint().fetch)
    expect(await failure(manager.auth('nobody'))).toMatchObject({
      kind: 'auth',
      code: 'MANIFEST_TOKENS_MISSING',
    })
    const { manager: other } = await managed(endpoint().fetch, {
      accessToken: 'a',
      expiresAt: '2020-01-01T00:00:00.000Z',
    })
    expect(await failure(other.auth('k'))).toMatchObject({
      kind: 'auth',
      code: 'MANIFEST_REFRESH_TOKEN_MISSING',
    })
  })

  it('a claim shorter than the request it protects is a mistake', () => {
    expect(() =>
      createTokenManager(oauth(), { store: createMemoryTokenStore(), client, claimMs: 1000 }),
    ).toThrow(/claimMs/)
  })
})
