import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIntegrationService, defineIntegration, type MessageTransport } from '../src/index.ts'
import { createMemoryMessageTransport } from '../src/memory/index.ts'
import { channelOf } from './adapter-fixtures.ts'
import { everyAdapter } from './every-adapter.ts'

const SECRET = 'EAAB0123456789'
const TOKEN = `12345:${SECRET}`
const message = { to: { id: '49' }, parts: [{ type: 'text' as const, text: 'Hello' }] }

let transport: MessageTransport
beforeEach(() => {
  transport = createMemoryMessageTransport()
})
afterEach(() => transport.close())

/** Every credential that an adapter asks for, each with the same secret in it. */
const credentialsOf = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, /id$|sid$/i.test(name) ? 'public-id' : TOKEN]))

/** Where a medium is, is told with the headers that it takes: those are for whoever fetches it. */
const withoutHeaders = (answer: unknown) =>
  answer instanceof Error ? answer : { ...(answer as object), headers: undefined }

const echoes: [string, () => Promise<Response>][] = [
  [
    'an answer that repeats the token',
    async () => {
      const error = { code: 190, message: `Malformed access token ${TOKEN}` }
      const words = { description: error.message, message: error.message, detail: error.message }
      return Response.json(
        { ok: false, error_code: 400, error, code: 190, ...words },
        { status: 400 },
      )
    },
  ],
  [
    'a fetch that names the whole address',
    async () => {
      throw new Error(`request to https://api.example/bot${TOKEN}/send failed`)
    },
  ],
]

describe.each(Object.keys(everyAdapter) as (keyof typeof everyAdapter)[])('on %s', (platform) => {
  it.each(echoes)('%s is told without it: result, event, health, media', async (_, fetch) => {
    const adapter = everyAdapter[platform]({ baseUrl: 'https://api.example' })
    const credentials = credentialsOf(adapter.requiredCredentials)
    const integration = defineIntegration({
      name: platform,
      adapter,
      getChannelConfig: () => ({ tenantId: 'acme', credentials }),
    })
    const service = createIntegrationService({ integration, transport, fetch })
    const told: unknown[] = []
    await transport.consume({ group: 'all' }, async ({ envelope }) => void told.push(envelope))
    const call = { channelId: 'c', maxAttempts: 1 }
    told.push(await service.sendMessage(message, call))
    told.push(await service.checkHealth({ channelId: 'c' }))
    const media = service.resolveMedia({ providerId: 'file-1', auth: 'channel' }, call)
    told.push(await media.catch((error: unknown) => error).then(withoutHeaders))
    await expect.poll(() => told.length).toBe(4)
    expect(inspect(told, { depth: 12, showHidden: true })).not.toContain(SECRET)
  })
})

it('hides what an adapter of your own throws, and leaves ids to be read', async () => {
  const { telegram } = everyAdapter
  const integration = defineIntegration<Record<string, string>>({
    name: 'own',
    adapter: {
      ...telegram({ baseUrl: 'https://api.example' }),
      send: async () => {
        throw new Error(`no ${TOKEN} for account-1`, { cause: { headers: { auth: TOKEN } } })
      },
    },
    getChannelConfig: () => ({
      ...channelOf({ accountId: 'account-1', nested: JSON.stringify(TOKEN), botToken: TOKEN }),
    }),
  })
  const service = createIntegrationService({ integration, transport })
  const result = await service.sendMessage(message, { channelId: 'c' })
  expect(inspect(result, { depth: 12, showHidden: true })).not.toContain(SECRET)
  expect(result).toMatchObject({ outcome: 'unknown', error: { code: 'BUG' } })
})
