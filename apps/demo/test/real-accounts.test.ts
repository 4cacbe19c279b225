import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import {
  createPlatformSimulator,
  type PlatformSimulator,
  type SimulatedApiCall,
  type SimulatedPlatform,
  simulatedPlatforms,
} from '@mortise/messaging-sdk/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../../scripts/servers/free-port.ts'
import type { Mark, Narrator } from '../src/narrator.ts'
import { PLATFORM_NAMES, type PlatformName, webhookPath } from '../src/platforms.ts'
import { realAccountsFromEnv, variableOf } from '../src/real/real-accounts.ts'
import { realConfigFromEnv } from '../src/real/real-config.ts'
import { startDemo } from '../src/start-demo.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const BOT_TOKEN = '123456:a-token-that-nobody-may-see'

describe('the environment', () => {
  test('names no account: nothing is real', () => {
    expect(realAccountsFromEnv({ PATH: '/bin', TELEGRAM_BOT_TOKEN: ' ' })).toEqual([])
    expect(realConfigFromEnv({}, { takeOver: false })).toBeUndefined()
  })

  test('names the variables of a platform by its credentials', () => {
    expect(variableOf('whatsapp', 'phoneNumberId')).toBe('WHATSAPP_PHONE_NUMBER_ID')
    const env = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', SLACK_API_URL: 'http://x' }
    const credentials = { botToken: 'xoxb-1', signingSecret: 's' }
    expect(realAccountsFromEnv(env)).toEqual([{ name: 'slack', apiUrl: 'http://x', credentials }])
  })

  test('a Telegram token is enough: the secret word is made of it, the same each time', () => {
    const [one] = realAccountsFromEnv({ TELEGRAM_BOT_TOKEN: BOT_TOKEN })
    expect(one?.credentials.secretToken).toMatch(/^[0-9a-f]{64}$/)
    expect(realAccountsFromEnv({ TELEGRAM_BOT_TOKEN: BOT_TOKEN })).toEqual([one])
  })

  test('what is there by half is one clear error that names all that is missing', () => {
    const env = {
      WHATSAPP_ACCESS_TOKEN: 'EAA',
      WHATSAPP_APP_SECRET: 'hush',
      LINE_CHANNEL_SECRET: 's',
    }
    expect(() => realAccountsFromEnv(env)).toThrow(
      expect.objectContaining({
        code: 'DEMO_ACCOUNT_INCOMPLETE',
        message:
          'WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_VERIFY_TOKEN are missing beside WHATSAPP_ACCESS_TOKEN, WHATSAPP_APP_SECRET; LINE_CHANNEL_ACCESS_TOKEN is missing beside LINE_CHANNEL_SECRET',
      }),
    )
  })

  test.each([
    [undefined, 'is missing'],
    ['demo.example', 'must be an https address'],
    ['http://demo.example', 'must be an https address'],
    ['https://demo.example/path', 'must be an https address without a path'],
  ])('the public address %s is refused', (DEMO_PUBLIC_URL, problem) => {
    const env = { TELEGRAM_BOT_TOKEN: BOT_TOKEN, DEMO_PUBLIC_URL }
    expect(() => realConfigFromEnv(env, { takeOver: false })).toThrow(problem)
  })
})

test.each(PLATFORM_NAMES)(
  'a real account on %s is connected, answers a message, and shows no secret',
  async (name) => {
    const fake = await playPlatform(name)
    const { told, secrets } = await startWith(name, fake)
    const address = `posts to ${fake.publicUrl}${webhookPath(name)} from now on`
    const byHand = `enter ${fake.publicUrl}${webhookPath(name)}  in  `
    const isTold = ['telegram', 'discord', 'line', 'twilio'].includes(name)
    expect(told.join('\n')).toContain(isTold ? address : byHand)
    expect(told.join('\n')).toContain(`${name} done account healthy`)
    await fake.writes()
    await expect.poll(() => fake.simulator.sent.length, { timeout: 10_000 }).toBe(1)
    expect(JSON.stringify(fake.simulator.sent[0]?.body)).toContain('Thank you')
    for (const secret of secrets) expect(told.join('\n')).not.toContain(secret)
  },
)

test('an address that somebody else set is left alone, unless it is taken over', async () => {
  const fake = await playPlatform('telegram', 'https://production.example/telegram')
  const { told } = await startWith('telegram', fake)
  expect(told.join('\n')).toContain(
    'telegram refused posts to https://production.example already; --take-over makes it post here',
  )
  expect(fake.registered()).toBe('https://production.example/telegram')
  const again = await startWith('telegram', fake, { takeOver: true })
  expect(again.told.join('\n')).toContain(`posts to ${fake.publicUrl}`)
  expect(fake.registered()).toBe(`${fake.publicUrl}${webhookPath('telegram')}`)
})

test('a token that the platform does not know is told as auth, without the token', async () => {
  const fake = await playPlatform('telegram')
  const { told } = await startWith('telegram', fake, { credentials: { botToken: BOT_TOKEN } })
  expect(told.join('\n')).toContain('telegram refused does not take the address (auth)')
  expect(told.join('\n')).toContain('telegram refused account unhealthy')
  expect(told.join('\n')).not.toContain(BOT_TOKEN)
})

test('pnpm demo --keep answers on a real account until Ctrl-C, and says what is missing', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  const fake = await playPlatform('telegram')
  const env = {
    PATH: process.env.PATH,
    TELEGRAM_BOT_TOKEN: fake.simulator.credentials.botToken,
    TELEGRAM_SECRET_TOKEN: fake.simulator.credentials.secretToken,
    TELEGRAM_API_URL: fake.simulator.apiUrl,
  }
  const halfway = run(cwd, env)
  expect(await halfway.ended).toBe(1)
  expect(await halfway.errors).toMatch(/^DEMO_PUBLIC_URL is missing: start a tunnel to port 3000/)
  const port = new URL(fake.publicUrl).port
  const demo = run(cwd, { ...env, DEMO_PUBLIC_URL: fake.publicUrl }, '--port', port)
  await expect.poll(() => demo.output(), { timeout: 20_000 }).toContain('Still running')
  await fake.writes()
  await expect.poll(() => fake.simulator.sent.length, { timeout: 10_000 }).toBe(1)
  demo.interrupt()
  expect(await demo.ended).toBe(0)
  expect(demo.output()).toContain('telegram          ✓ posts to')
  expect(demo.output()).not.toContain(env.TELEGRAM_BOT_TOKEN)
  expect(await demo.errors).toBe('')
})

/** A platform's real API at the wire: what the simulator plays, and where webhooks are set. */
interface FakePlatform {
  simulator: PlatformSimulator
  publicUrl: string
  /** Where the platform was told to post. */
  registered: () => string | undefined
  /** Somebody writes, and the platform posts it to the address that it knows. */
  writes: () => Promise<void>
}

/** How each platform's API is told an address: the method, the end of the path, the field. */
const REGISTRATION: Partial<Record<PlatformName, [method: string, end: string, field: string]>> = {
  telegram: ['POST', '/setWebhook', 'url'],
  discord: ['PATCH', '/applications/@me', 'interactions_endpoint_url'],
  line: ['PUT', '/webhook/endpoint', 'endpoint'],
  twilio: ['POST', '/IncomingPhoneNumbers/PN1.json', 'SmsUrl'],
}

async function playPlatform(name: PlatformName, before?: string): Promise<FakePlatform> {
  let registered = before
  const publicUrl = `http://127.0.0.1:${await freePort()}`
  const played: SimulatedPlatform = simulatedPlatforms[name]
  const handleRegistration = (call: SimulatedApiCall): object | undefined => {
    const [method, end, field] = REGISTRATION[name] ?? []
    if (end && call.path.endsWith(end) && call.method === method) {
      registered = fieldOf(call, field ?? '')
      return { ok: true, result: true }
    }
    if (call.path.endsWith('/getWebhookInfo'))
      return { ok: true, result: { url: registered ?? '' } }
    if (call.path.endsWith('/webhook/endpoint')) return { endpoint: registered }
    if (call.path.endsWith('/IncomingPhoneNumbers.json'))
      return { incoming_phone_numbers: [{ sid: 'PN1', sms_url: registered ?? '' }] }
    return undefined
  }
  const platform: SimulatedPlatform = {
    ...played,
    createAccount: (world, options) => {
      const account = played.createAccount(world, options)
      const isSend = (call: SimulatedApiCall) => account.isSend(call) && !call.path.endsWith('Hook')
      const handle: typeof account.handle = async (call) => {
        const answer = await account.handle(call)
        if (answer.status === 401) return answer
        const body = handleRegistration(call)
        return body ? { status: 200, body } : answer
      }
      return { ...account, isSend, handle }
    },
  }
  const simulator = await createPlatformSimulator({ platform })
  onTestFinished(() => simulator.close())
  return {
    simulator,
    publicUrl,
    registered: () => registered,
    writes: async () => {
      const url = registered ?? `${publicUrl}${webhookPath(name)}`
      const event =
        name === 'discord'
          ? ({ type: 'command', name: 'hello' } as const)
          : ({ type: 'text', text: 'Hello' } as const)
      const answer = await simulator.post(event, url)
      expect(answer.status).toBe(200)
    },
  }
}

function fieldOf({ headers, body }: SimulatedApiCall, field: string): string | undefined {
  const isForm = headers['content-type']?.includes('form')
  const fields: Record<string, string | undefined> = isForm
    ? Object.fromEntries(new URLSearchParams(body.toString()))
    : JSON.parse(body.toString())
  return fields[field]
}

/** The demo with this account, on the port that its public address leads to. */
async function startWith(
  name: PlatformName,
  { simulator, publicUrl }: FakePlatform,
  changes: { takeOver?: boolean; credentials?: Record<string, string> } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const credentials = { ...simulator.credentials, ...changes.credentials }
  const accounts = [{ name, apiUrl: simulator.apiUrl, credentials }]
  const told: string[] = []
  const { takeOver = false } = changes
  const real = { accounts, publicUrl, port: changes.takeOver ? 0 : portOf(publicUrl), takeOver }
  const demo = await startDemo({ folder, real }, recorder(told))
  onTestFinished(() => demo[Symbol.asyncDispose]())
  const secrets = Object.entries(credentials).flatMap(([key, value]) =>
    /token|secret/i.test(key) ? value : [],
  )
  return { told, secrets }
}

const portOf = (url: string) => Number(new URL(url).port)

function recorder(told: string[]): Narrator {
  return {
    chapter: () => {},
    step: (who: string, what: string, mark: Mark = 'done') => told.push(`${who} ${mark} ${what}`),
    table: () => {},
    say: (line) => told.push(line),
  }
}

function run(cwd: string, env: NodeJS.ProcessEnv, ...args: string[]) {
  const flags = ['--conditions=@mortise/source', '--no-warnings', MAIN, '--keep', ...args]
  const child = spawn(process.execPath, flags, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (data: Buffer) => {
    output += data
  })
  return {
    output: () => output,
    errors: text(child.stderr),
    ended: once(child, 'exit').then(([code]) => code as number),
    interrupt: () => child.kill('SIGINT'),
  }
}
