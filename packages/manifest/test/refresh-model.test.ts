// Two processes with 50 callers each share one rotating refresh token through a store and an authorization
// server that both live here. The server ends the grant on the first reuse of a refresh token, as real ones do.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMemoryTokenStore } from '@mortise/manifest/oauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const store = createMemoryTokenStore()
const provider = { rotation: 0, requests: 0, reuses: 0, holdMs: 0 }

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

async function answer(request: IncomingMessage): Promise<[number, unknown]> {
  const body = await bodyOf(request)
  if (request.url === '/token') {
    provider.requests++
    const current = provider.rotation
    if (new URLSearchParams(body).get('refresh_token') !== `refresh-${current}`) {
      provider.reuses++
      return [400, { error: 'invalid_grant' }]
    }
    provider.rotation++
    await new Promise((resolve) => setTimeout(resolve, provider.holdMs))
    return [
      200,
      {
        access_token: `access-${current + 1}`,
        refresh_token: `refresh-${current + 1}`,
        token_type: 'bearer',
        expires_in: 3600,
      },
    ]
  }
  if (request.url === '/load') return [200, (await store.load(JSON.parse(body).key)) ?? null]
  const { key, expectedVersion, record } = JSON.parse(body)
  return [200, (await store.compareAndSet(key, expectedVersion ?? undefined, record)) ?? null]
}

const server = createServer((request, response) => {
  answer(request).then(
    ([status, body]) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    () => response.writeHead(500).end(),
  )
})
let url = ''

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

beforeEach(async () => {
  Object.assign(provider, { rotation: 0, requests: 0, reuses: 0, holdMs: 0 })
  const stored = await store.load('account')
  await store.compareAndSet('account', stored?.version, {
    tokens: {
      accessToken: 'access-0',
      refreshToken: 'refresh-0',
      expiresAt: '2020-01-01T00:00:00.000Z',
    },
  })
})

interface Callers {
  callers: number
  rounds: number
  timeoutMs?: number
  claimMs?: number
}

function startProcess(options: Callers) {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@mortise/source',
      new URL('./refreshing-process.ts', import.meta.url).pathname,
      JSON.stringify({ url, ...options }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const result = once(child, 'exit').then(([code]) => ({
    code,
    seen: code === 0 ? (JSON.parse(output) as string[][]) : [],
  }))
  return { child, result }
}

describe('refreshing from two processes', () => {
  it('50 callers each, 5 rotations: one token request per rotation, no token lost', {
    timeout: 30_000,
  }, async () => {
    provider.holdMs = 20
    const options = { callers: 50, rounds: 5 }
    const [one, two] = await Promise.all([
      startProcess(options).result,
      startProcess(options).result,
    ])
    expect([one.code, two.code]).toEqual([0, 0])
    expect(provider.reuses).toBe(0)
    expect(provider.requests).toBe(provider.rotation)
    for (const { seen } of [one, two]) {
      const numbers = seen.map((round) =>
        round.map((token) => Number(token.slice('access-'.length))),
      )
      // Whoever asked for a new token got a newer one than the one that its round was about.
      for (const [index, round] of numbers.entries())
        expect(Math.min(...round)).toBeGreaterThan(index === 0 ? 0 : (numbers[index - 1]?.[0] ?? 0))
    }
    expect(provider.rotation).toBeGreaterThanOrEqual(5)
    expect(provider.rotation).toBeLessThanOrEqual(10)
    const stored = await store.load('account')
    expect(stored?.record).toEqual({
      tokens: expect.objectContaining({
        accessToken: `access-${provider.rotation}`,
        refreshToken: `refresh-${provider.rotation}`,
      }),
    })
  })

  it('both start with an expired token: exactly one request between them', {
    timeout: 30_000,
  }, async () => {
    provider.holdMs = 100
    const options = { callers: 50, rounds: 1 }
    const [one, two] = await Promise.all([
      startProcess(options).result,
      startProcess(options).result,
    ])
    expect([...one.seen.flat(), ...two.seen.flat()]).toEqual(
      Array.from({ length: 100 }, () => 'access-1'),
    )
    expect(provider).toMatchObject({ requests: 1, rotation: 1, reuses: 0 })
  })

  it('one is killed before its request is answered: the other takes over when the claim has run out', {
    timeout: 30_000,
  }, async () => {
    const killed = startProcess({ callers: 1, rounds: 1, timeoutMs: 400, claimMs: 1000 })
    provider.holdMs = 60_000
    while (provider.requests === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    killed.child.kill('SIGKILL')
    await killed.result
    // The provider never saw the request through: its rotation is undone, as by a transaction.
    provider.rotation = 0
    provider.holdMs = 0
    const { seen } = await startProcess({ callers: 50, rounds: 1, timeoutMs: 400, claimMs: 1000 })
      .result
    expect(new Set(seen.flat())).toEqual(new Set(['access-1']))
    expect((await store.load('account'))?.record).toEqual({
      tokens: expect.objectContaining({ refreshToken: 'refresh-1' }),
    })
  })
})
