import { execFile } from 'node:child_process'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Envelope, MessageTransport } from '../../src/index.ts'
import { createMemoryMessageTransport } from '../../src/memory/index.ts'
import { createSqliteMessageTransport } from '../../src/sqlite/index.ts'
import { openSqliteEngine } from '../../src/sqlite/sqlite-engine.ts'
import { messageTransportContract } from '../../src/testing/index.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

let folder: string
let files = 0
const nextPath = () => join(folder, `${files++}.db`)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messaging-sqlite-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('contract', () => {
  const checks = messageTransportContract({
    create: () => createSqliteMessageTransport({ path: nextPath() }),
    patienceMs: 20_000,
  })
  for (const check of checks) it.concurrent(check.name, check.run)
})

describe('contract in memory', () => {
  const checks = messageTransportContract({
    create: () => createMemoryMessageTransport(),
    patienceMs: 20_000,
  })
  for (const check of checks) it.concurrent(check.name, check.run)
})

const envelope = (id: string, orderKey = 'k'): Envelope => ({
  id,
  channel: 'c',
  tenantId: 'acme',
  channelId: 'support',
  orderKey,
  payload: { id },
})

/** What a group is handed, until it has `count`. */
async function take(transport: MessageTransport, count: number): Promise<string[]> {
  const ids: string[] = []
  const subscription = await transport.consume({ group: 'g' }, async (delivery) => {
    ids.push(delivery.envelope.id)
  })
  await expect.poll(() => ids.length).toBeGreaterThanOrEqual(count)
  await subscription.close()
  return ids
}

describe('the file', () => {
  it('has everything when it is opened again: events, ids, dead letters, claims', async () => {
    const path = nextPath()
    const first = createSqliteMessageTransport({ path })
    await first.publish([envelope('1'), envelope('2')])
    await first.claims.claim('key', { ttlMs: 60_000 })
    await first.close()
    await using second = createSqliteMessageTransport({ path })
    expect(await second.publish([envelope('1')])).toEqual([{ status: 'duplicate' }])
    expect(await second.claims.claim('key', { ttlMs: 1 })).toEqual({ state: 'pending' })
    expect(await take(second, 2)).toEqual(['1', '2'])
  })

  it('is shared by two processes: one stores, the other handles', async () => {
    const path = nextPath()
    await using receiver = createSqliteMessageTransport({ path })
    await using worker = createSqliteMessageTransport({ path, pollIntervalMs: 10 })
    const taken = take(worker, 3)
    await receiver.publish([envelope('1'), envelope('2'), envelope('3')])
    expect(await taken).toEqual(['1', '2', '3'])
  })

  it('forgets what everybody handled after retentionMs, and nothing else', async () => {
    let now = Date.parse('2026-11-22T00:00:00Z')
    const path = nextPath()
    await using transport = createSqliteMessageTransport({
      path,
      now: () => now,
      retentionMs: 1_000,
    })
    await transport.publish([envelope('handled')])
    await take(transport, 1)
    await transport.publish([envelope('waiting')])
    now += 2_000
    await using engine = openEngine(path)
    engine.purge(now - 1_000, now)
    const again = await transport.publish([envelope('handled'), envelope('waiting')])
    expect(again.map(({ status }) => status)).toEqual(['stored', 'duplicate'])
  })

  it('of another version is refused at once', () => {
    const path = nextPath()
    const database = new DatabaseSync(path)
    database.exec('pragma user_version = 99')
    database.close()
    expect(() => createSqliteMessageTransport({ path })).toThrow(/schema 99/)
  })

  it('that is no database, or only half of one, is refused with what is wrong', async () => {
    const text = nextPath()
    await writeFile(text, 'a text that somebody keeps here '.repeat(100))
    const half = nextPath()
    await using whole = createSqliteMessageTransport({ path: half })
    await whole.publish(Array.from({ length: 200 }, (_, index) => envelope(String(index))))
    await whole.close()
    await truncate(half, 9_000)
    for (const [path, reason] of [
      [text, /is not a database/],
      [half, /malformed/],
      [join(folder, 'absent', 'x.db'), /unable to open/],
    ] as const) {
      const thrown = await Promise.resolve()
        .then(() => createSqliteMessageTransport({ path }))
        .catch((error: unknown) => error)
      const expected = { code: 'MESSAGING_TRANSPORT_UNAVAILABLE', kind: 'transient' }
      expect(thrown).toMatchObject({ ...expected, message: expect.stringMatching(reason) })
      expect(thrown).toMatchObject({ message: expect.stringContaining(path) })
    }
  })

  it('that fails answers every question with an error of ours', async () => {
    const path = nextPath()
    await using transport = createSqliteMessageTransport({ path })
    const saboteur = new DatabaseSync(path)
    saboteur.exec('drop table dead_letters; drop table claims; drop table consumer_groups')
    saboteur.close()
    const code = 'MESSAGING_TRANSPORT_UNAVAILABLE'
    await expect(transport.deadLetters.list()).rejects.toMatchObject({ code })
    await expect(transport.claims.claim('key', { ttlMs: 1 })).rejects.toMatchObject({ code })
    await expect(transport.lag()).rejects.toMatchObject({ code })
    await expect(transport.removeGroup('g')).rejects.toMatchObject({ code })
  })

  it('must be named', () => {
    expect(() => createSqliteMessageTransport({ path: '' })).toThrow(/^path must name/)
  })

  it('that cannot be written answers with failures, and later with success', async () => {
    const path = nextPath()
    await using transport = createSqliteMessageTransport({ path })
    const blocker = new DatabaseSync(path)
    blocker.exec('begin immediate')
    const [blocked] = await transport.publish([envelope('1')])
    expect(blocked).toMatchObject({ status: 'failed', error: { kind: 'transient' } })
    blocker.exec('rollback')
    blocker.close()
    expect(await transport.publish([envelope('1')])).toEqual([{ status: 'stored' }])
  })
})

it('closing does not wait for a database that is gone', async () => {
  const path = nextPath()
  const transport = createSqliteMessageTransport({ path, pollIntervalMs: 10 })
  await transport.publish([envelope('1')])
  let started = false
  const subscription = await transport.consume({ group: 'g' }, async ({ signal }) => {
    started = true
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  })
  await expect.poll(() => started).toBe(true)
  const saboteur = new DatabaseSync(path)
  saboteur.exec('drop table lanes')
  saboteur.close()
  await subscription.close()
  await transport.close()
})

it('an open transport keeps no process alive', async () => {
  const script = `
    const { createSqliteMessageTransport } = await import(${JSON.stringify(new URL('../../src/sqlite/index.ts', import.meta.url).href)})
    const transport = createSqliteMessageTransport({ path: ${JSON.stringify(nextPath())} })
    console.log((await transport.publish([${JSON.stringify(envelope('1'))}]))[0].status)`
  const args = ['--conditions=@mortise/source', '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
  expect(stdout.trim()).toBe('stored')
})

function openEngine(path: string) {
  const engine = openSqliteEngine({ path, synchronous: 'normal' })
  return { ...engine, [Symbol.asyncDispose]: async () => engine.close() }
}

it('goes on when the database failed and whoever is told of it fails too', async () => {
  const path = nextPath()
  const onError = vi.fn(() => {
    throw new Error('the logger is broken')
  })
  await using transport = createSqliteMessageTransport({ path, pollIntervalMs: 5, onError })
  const handled: string[] = []
  await using _consumer = await transport.consume({ group: 'g' }, async (delivery) => {
    handled.push(delivery.envelope.id)
  })
  const other = new DatabaseSync(path, { timeout: 5_000 })
  other.exec('alter table lanes rename to away')
  await expect.poll(() => onError.mock.calls.length).toBeGreaterThan(0)
  other.exec('alter table away rename to lanes')
  other.close()
  await transport.publish([envelope('1')])
  await expect.poll(() => handled).toEqual(['1'])
})

it('refuses an envelope that is none for good, and stores what others publish meanwhile', async () => {
  await using transport = createMemoryMessageTransport()
  const wrong = { ...envelope('1'), orderKey: undefined as unknown as string }
  const [refused, stored] = await Promise.all([
    transport.publish([wrong]),
    transport.publish([envelope('2')]),
  ])
  expect(refused).toMatchObject([
    { error: { kind: 'permanent', message: expect.stringContaining('orderKey') } },
  ])
  expect(stored).toEqual([{ status: 'stored' }])
})
