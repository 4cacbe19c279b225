import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PermanentError } from '@mortise/errors'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCli } from '../../src/cli/run-cli.ts'
import { createHttpListener } from '../../src/http/index.ts'
import {
  createIntegrationService,
  defineIntegration,
  type MessageTransport,
} from '../../src/index.ts'
import { createSqliteMessageTransport } from '../../src/sqlite/index.ts'
import { createTelegramPlatformAdapter } from '../../src/telegram/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

let folder: string
let address: string
let transport: MessageTransport
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messaging-cli-'))
  const path = join(folder, 'messages.db')
  address = `sqlite:${path}`
  transport = createSqliteMessageTransport({ path, pollIntervalMs: 20 })
})
afterEach(async () => {
  await transport.close()
  await rm(folder, { recursive: true, force: true })
})

async function cli(...args: string[]) {
  const lines: string[] = []
  const errors: string[] = []
  const code = await runCli(args, {
    out: (line) => lines.push(line),
    error: (line) => errors.push(line),
    signal: new AbortController().signal,
  })
  return { code, lines, errors }
}

const envelope = (id: string) => ({
  id,
  channel: 'c',
  tenantId: 'acme',
  channelId: 'support',
  orderKey: 'k',
  payload: { timestamp: Date.now() },
})

/** Three dead letters of a group that fails. */
async function killThree(): Promise<void> {
  const subscription = await transport.consume({ group: 'bot' }, async () => {
    throw new PermanentError('broken')
  })
  await transport.publish(['1', '2', '3'].map(envelope))
  await expect.poll(async () => (await transport.deadLetters.list()).length).toBe(3)
  await subscription.close()
}

describe('dead-letters', () => {
  it('lists, shows, redrives and discards', async () => {
    await killThree()
    const at = ['--transport', address]
    const list = await cli('dead-letters', 'list', ...at)
    expect(list.code).toBe(0)
    expect(list.lines).toHaveLength(3)
    expect(list.lines[0]).toMatch(/^1 {2}.*bot {2}1 {2}after 1: BUG broken$/)
    const json = await cli('dead-letters', 'list', '--json', '--limit', '1', ...at)
    expect(JSON.parse(json.lines[0] ?? '')).toMatchObject({ id: '1', group: 'bot' })
    expect((await cli('dead-letters', 'show', '2', ...at)).lines.join()).toContain('"broken"')
    expect(await cli('dead-letters', 'discard', '2', '99', ...at)).toMatchObject({
      code: 1,
      lines: ['2 discarded'],
      errors: ['there is no dead letter 99'],
    })
    const redriven = await cli('dead-letters', 'redrive', '--all', '--group', 'bot', ...at)
    expect(redriven).toMatchObject({ code: 0, lines: ['1 redriven', '3 redriven'] })
    expect(await transport.lag()).toMatchObject([{ group: 'bot', pending: 2, deadLetters: 0 }])
  })
})

describe('doctor', () => {
  it('is content with an empty transport, and names what is wrong', async () => {
    const content = await cli('doctor', '--transport', address)
    expect(content.code).toBe(0)
    await killThree()
    const worried = await cli('doctor', '--transport', address, '--json')
    expect(worried.code).toBe(1)
    expect(JSON.parse(worried.lines[0] ?? '')).toMatchObject({
      groups: [{ group: 'bot', deadLetters: 3 }],
      problems: [expect.stringContaining('3 dead letters')],
    })
  })

  it('removes a group that nobody consumes any more', async () => {
    await killThree()
    expect((await cli('doctor', '--transport', address, '--remove-group', 'bot')).code).toBe(0)
    expect(await transport.lag()).toEqual([])
    expect((await cli('doctor', '--transport', address, '--remove-group', 'bot')).code).toBe(1)
  })
})

describe('tail', () => {
  it('shows what is stored from now on, and leaves no group behind', async () => {
    await transport.publish([envelope('before')])
    const stop = new AbortController()
    const lines: string[] = []
    const running = runCli(['tail', '--transport', address], {
      out: (line) => lines.push(line),
      error: () => {},
      signal: stop.signal,
    })
    await expect.poll(async () => (await transport.lag()).length).toBe(1)
    await transport.publish([envelope('now')])
    await expect.poll(() => lines).toEqual([expect.stringMatching(/acme\/support {2}now$/)])
    stop.abort()
    expect(await running).toBe(0)
    expect(await transport.lag()).toEqual([])
  })
})

describe('simulate', () => {
  it('posts signed webhooks until they are acknowledged', async () => {
    const credentials = { botToken: '1:token', secretToken: 'word' }
    const integration = defineIntegration({
      name: 'telegram',
      adapter: createTelegramPlatformAdapter(),
      getChannelConfig: () => ({ id: 'bot', tenantId: 'acme', credentials }),
    })
    const service = createIntegrationService({ integration, transport })
    const server = createServer(createHttpListener(service))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook/bot`
    const file = join(folder, 'credentials.json')
    await writeFile(file, JSON.stringify(credentials))
    const args = ['simulate', 'telegram', '--url', url, '--events', '5', '--duplicates', '1']
    const result = await cli(...args, '--credentials', file, '--json')
    server.closeAllConnections()
    server.close()
    expect(result.code).toBe(0)
    expect(JSON.parse(result.lines[0] ?? '')).toMatchObject({
      acknowledged: 5,
      duplicates: 5,
      refused: 0,
    })
  })
})

describe('the command line', () => {
  it.each([
    [['nonsense'], /no command nonsense/],
    [['doctor'], /--transport must be sqlite:<path> or nats/],
    [['doctor', '--colour'], /Unknown option/],
    [['dead-letters', 'burn', '--transport', 'sqlite:x'], /not burn/],
    [['simulate', 'telegram'], /needs --url/],
  ])('exits 2 for %j', async (args, problem) => {
    const result = await cli(...args)
    expect(result.code).toBe(2)
    expect(result.errors.join('\n')).toMatch(problem)
  })

  it('shows help and version', async () => {
    expect((await cli('--help')).lines[0]).toContain('dead-letters')
    expect((await cli('--version')).lines[0]).toMatch(/^\d+\.\d+\.\d+/)
  })
})
