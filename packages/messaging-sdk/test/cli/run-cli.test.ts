import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
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
import { cli } from './cli.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

/** As it is installed, for the oldest Node cannot read its source (`await using`): `pnpm test` builds it first. */
const PROGRAM = fileURLToPath(new URL('../../dist/cli/mortise-messaging.js', import.meta.url))

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
    await (await transport.consume({ group: 'bot' }, async () => {})).close()
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

  it.each([
    ['its terminal is closed', (child: ChildProcess) => child.kill('SIGHUP')],
    ['its reader has enough', (child: ChildProcess) => child.stdout?.destroy()],
  ])('leaves no group behind when %s', async (_, end) => {
    const args = [PROGRAM, 'tail', '--transport', address]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    await expect.poll(async () => (await transport.lag()).length).toBe(1)
    end(child)
    let count = 0
    const ended = async () => {
      await transport.publish([envelope(String(count++))]) // who has no reader finds out by writing
      return child.exitCode
    }
    await expect.poll(ended, { interval: 50 }).toBe(0)
    expect(await transport.lag()).toEqual([])
  })
})

describe('simulate', () => {
  const credentials = { botToken: '1:token', secretToken: 'word' }

  /** A receiver of Telegram's webhooks; answers with what the command line is called with. */
  async function receiver() {
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
    const close = async () => {
      server.closeAllConnections()
      server.close()
    }
    const args = ['simulate', 'telegram', '--url', url, '--credentials', file, '--json']
    return { args, [Symbol.asyncDispose]: close }
  }

  it('posts signed webhooks until they are acknowledged', async () => {
    await using given = await receiver()
    const result = await cli(...given.args, '--events', '5', '--duplicates', '1')
    expect(result.code).toBe(0)
    expect(JSON.parse(result.lines[0] ?? '')).toMatchObject({
      acknowledged: 5,
      duplicates: 5,
      refused: 0,
    })
  })

  it('is new to a receiver that remembers the last run, unless it is played again by its seed', async () => {
    await using given = await receiver()
    const ids = new Set<string>()
    await transport.consume({ group: 'g' }, async (delivery) => void ids.add(delivery.envelope.id))
    const first = await cli(...given.args, '--events', '3')
    const { seed } = JSON.parse(first.lines[0] ?? '')
    await expect.poll(() => ids.size).toBe(3)
    await cli(...given.args, '--events', '3')
    await expect.poll(() => ids.size).toBe(6)
    const again = await cli(...given.args, '--events', '4', '--seed', String(seed))
    expect(JSON.parse(again.lines[0] ?? '')).toMatchObject({ acknowledged: 4, seed })
    await expect.poll(() => ids.size).toBe(7)
  })

  it('sends commands on Discord, which posts nothing else', async () => {
    const names: unknown[] = []
    const server = createServer(async (request, response) => {
      names.push((JSON.parse(await text(request)) as { data?: { name: string } }).data?.name)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    await cli('simulate', 'discord', '--url', url, '--json')
    await cli('simulate', 'discord', '--url', url, '--command', 'deploy', '--json')
    server.closeAllConnections()
    server.close()
    expect(names).toEqual(['hello', 'deploy'])
  })
})

describe('a transport that is not there', () => {
  it('is reported, not created', async () => {
    const path = join(folder, 'typo.db')
    for (const command of [['doctor'], ['tail'], ['dead-letters', 'list']]) {
      const { code, errors } = await cli(...command, '--transport', `sqlite:${path}`)
      expect({ code, error: errors[0] }).toEqual({
        code: 1,
        error: `mortise-messaging: ${path} cannot be opened (ENOENT)`,
      })
    }
    expect(existsSync(path)).toBe(false)
  })
})

/** A device on which every write fails as on a full disk. */
const FULL = '/dev/full'

describe.runIf(existsSync(FULL))('a report that cannot be written', () => {
  it('is one line and exit code 1', async () => {
    const full = await open(FULL, 'w')
    const args = [PROGRAM, 'doctor', '--transport', address]
    const child = spawn(process.execPath, args, { stdio: ['ignore', full.fd, 'pipe'] })
    const [told, [code]] = await Promise.all([
      child.stderr && text(child.stderr),
      once(child, 'exit'),
    ])
    await full.close()
    expect(told).toMatch(/^mortise-messaging: what was to be told [^\n]*ENOSPC[^\n]*\n$/m) // Node.js 22 warns of its SQLite before
    expect(code).toBe(1)
  })
})

describe('a file of another application', () => {
  it('is refused, and stays as it is', async () => {
    const path = join(folder, 'customers.db')
    const other = new DatabaseSync(path)
    other.exec('create table messages (text)')
    other.close()
    const before = await readFile(path)
    const { code, errors } = await cli('doctor', '--transport', `sqlite:${path}`)
    expect(code).toBe(1)
    expect(errors.join()).toMatch(/customers\.db is the database of another application/)
    expect(await readFile(path)).toEqual(before)
  })
})

describe('the command line', () => {
  it.each([
    [['nonsense'], /no command nonsense/],
    [['doctor'], /--transport must be sqlite:<path> or nats/],
    [['doctor', '--colour'], /Unknown option/],
    [['dead-letters', 'burn', '--transport', 'sqlite:x'], /not burn/],
    [['doctor', '--transport', 'ws://host'], /--transport must be sqlite:<path> or nats/],
    [['simulate', 'telegram'], /needs --url/],
    [['simulate', 'icq', '--url', 'http://x'], /a platform \(discord, .*\), not icq/],
    [
      ['simulate', 'line', '--url', 'http://x', '--concurrency', '0'],
      /--concurrency must be a whole/,
    ],
    [
      ['simulate', 'line', '--url', 'http://x', '--events', '1.5'],
      /--events must be a whole number/,
    ],
    [
      ['simulate', 'line', '--url', 'http://x', '--events', '1e9'],
      /--events must be a whole number from 0 to 1000000/,
    ],
    [['simulate', 'line', '--url', 'nowhere'], /--url nowhere is no address/],
    [
      ['simulate', 'line', '--url', 'http://x', '--credentials', 'package.json'],
      /package.json must hold one JSON object of texts/,
    ],
    [
      ['simulate', 'line', '--url', 'http://x', '--duplicates', '2'],
      /--duplicates must be a share/,
    ],
    [
      ['tail', '--transport', 'nats://127.0.0.1:1', '--creds', '/no/such'],
      /--creds .* no readable/,
    ],
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
