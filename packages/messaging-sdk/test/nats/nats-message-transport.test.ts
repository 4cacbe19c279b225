import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RateLimitError } from '@mortise/errors'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../../../../scripts/servers/free-port.ts'
import {
  findNatsServer,
  type NatsServer,
  startNatsServer,
} from '../../../../scripts/servers/nats-server.ts'
import { describeWithNats } from '../../../../scripts/vitest/servers.ts'
import type { Envelope, MessageTransport } from '../../src/index.ts'
import { createNatsMessageTransport } from '../../src/nats/index.ts'
import { connectionOptions } from '../../src/nats/nats-connection.ts'
import { messageTransportContract } from '../../src/testing/index.ts'
import { cli } from '../cli/cli.ts'

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, expect: { poll: { timeout: 20_000 } } })

let server: NatsServer
let prefixes = 0
beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(() => server.close())

describeWithNats('contract', () => {
  const checks = messageTransportContract({
    create: () =>
      createNatsMessageTransport({
        servers: server.url,
        prefix: `contract-${prefixes++}`,
        partitions: 8,
      }),
    patienceMs: 20_000,
  })
  for (const check of checks) it(check.name, check.run)
})

const envelope = (id: string, payload: unknown = { id }): Envelope => ({
  id,
  channel: 'c',
  tenantId: 'acme',
  channelId: 'support',
  orderKey: 'k',
  payload,
})

describeWithNats('a delivery that kills its worker', () => {
  it('is a dead letter after its attempts, without an advisory that somebody has to hear', async () => {
    await using connection = disposable(await connect({ servers: server.url }))
    const advisories = connection.nats.subscribe('$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>')
    const client = jetstream(connection.nats)
    await using transport = await createNatsMessageTransport({
      connection: connection.nats,
      prefix: 'poison',
      partitions: 1,
    })
    const options = { group: 'g', maxRetries: 1, ackWaitMs: 100 }
    await (await transport.consume(options, async () => {})).close()
    await transport.publish([envelope('1')])
    const manager = await jetstreamManager(connection.nats)
    for await (const { name } of manager.consumers.list('poison-events')) {
      const consumer = await client.consumers.get('poison-events', name)
      for (let death = 0; death < 2; death++) await consumer.next({ expires: 5_000 }) // taken, and never answered
    }
    const handled: number[] = []
    await transport.consume(options, async ({ attempt }) => void handled.push(attempt))
    await expect
      .poll(() => transport.deadLetters.list())
      .toMatchObject([{ attempts: 2, error: { code: 'MESSAGING_DELIVERY_ABANDONED' } }])
    expect(handled).toEqual([])
    expect(advisories.getReceived()).toBe(0)
  })
})

describeWithNats('streams', () => {
  it('that are not what the options say are refused, with what differs', async () => {
    const options = { servers: server.url, prefix: 'mismatch' }
    await (await createNatsMessageTransport({ ...options, partitions: 4 })).close()
    await expect(createNatsMessageTransport({ ...options, partitions: 8 })).rejects.toMatchObject({
      code: 'MESSAGING_STREAM_MISMATCH',
      details: { stream: 'mismatch-events', differences: [{ key: 'description' }] },
    })
    await (await createNatsMessageTransport({ ...options, partitions: 4 })).close()
  })

  it('know an id for as long as they keep it, not only for the window of the server', async () => {
    await using connection = disposable(await connect({ servers: server.url }))
    const options = { connection: connection.nats, prefix: 'exact' }
    await using transport = await createNatsMessageTransport(options)
    await transport.publish([envelope('1')])
    const manager = await jetstreamManager(connection.nats)
    const { config } = await manager.streams.info('exact-events')
    await manager.streams.update('exact-events', { ...config, duplicate_window: 100_000_000 })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await transport.publish([envelope('1')])).toEqual([{ status: 'duplicate' }])
  })

  it('go on past a message that is none of ours', async () => {
    await using connection = disposable(await connect({ servers: server.url }))
    const options = { connection: connection.nats, prefix: 'foreign', partitions: 1 }
    await using transport = await createNatsMessageTransport(options)
    await jetstream(connection.nats).publish('foreign.events.0.all.nonsense', 'no JSON')
    await transport.publish([envelope('1')])
    const ids: string[] = []
    await transport.consume({ group: 'g' }, async (delivery) => {
      ids.push(delivery.envelope.id)
    })
    await expect.poll(() => ids).toEqual(['1'])
  })

  it('are left alone by a closed transport whose connection is still open', async () => {
    await using connection = disposable(await connect({ servers: server.url }))
    const options = { connection: connection.nats, prefix: 'closed', partitions: 1 }
    const transport = await createNatsMessageTransport(options)
    await transport.close()
    await expect(transport.consume({ group: 'g' }, async () => {})).rejects.toMatchObject({
      code: 'MESSAGING_TRANSPORT_UNAVAILABLE',
    })
  })

  it('answer an envelope that is too large with a permanent failure', async () => {
    await using transport = await createNatsMessageTransport({
      servers: server.url,
      prefix: 'large',
    })
    const [outcome] = await transport.publish([envelope('1', 'x'.repeat(2 * 1024 * 1024))])
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'permanent' } })
  })

  it('of a server that is away reject with MESSAGING_TRANSPORT_UNAVAILABLE', async () => {
    const servers = { servers: 'nats://127.0.0.1:1', reconnect: false, timeout: 500 }
    await expect(createNatsMessageTransport({ servers })).rejects.toMatchObject({
      kind: 'transient',
      code: 'MESSAGING_TRANSPORT_UNAVAILABLE',
    })
  })

  it.each([
    [{ prefix: 'with.dot' }, /^prefix /],
    [{ partitions: 0 }, /^partitions /],
  ])('with wrong options are a TypeError: %j', async (options, problem) => {
    await expect(createNatsMessageTransport({ servers: server.url, ...options })).rejects.toThrow(
      problem,
    )
  })
})

describeWithNats('a server that goes away', () => {
  it('is asked again for claims, even when it was away at the first one', async () => {
    const storeDir = await mkdtemp(join(tmpdir(), 'messaging-nats-'))
    await using first = await startNatsServer({ storeDir })
    const port = Number(new URL(first.url).port)
    const servers = { servers: first.url, reconnectTimeWait: 50, timeout: 500 }
    await using transport = await createNatsMessageTransport({ servers })
    await first.close()
    const claim = () => transport.claims.claim('key', { ttlMs: 60_000 })
    await expect(claim()).rejects.toMatchObject({ code: 'MESSAGING_TRANSPORT_UNAVAILABLE' })
    await using _second = await startNatsServer({ storeDir, port })
    await expect.poll(() => claim().catch(() => undefined)).toMatchObject({ state: 'claimed' })
    await rm(storeDir, { recursive: true, force: true })
  })
})

describeWithNats('a server that comes back without its disk', () => {
  /** A transport whose server is replaced by an empty one at the same address. */
  async function wiped(before: (transport: MessageTransport) => Promise<void>) {
    const first = await startNatsServer()
    const port = Number(new URL(first.url).port)
    const servers = { servers: first.url, reconnectTimeWait: 50, timeout: 500 }
    const transport = await createNatsMessageTransport({ servers, partitions: 2 })
    await before(transport)
    await first.close()
    const second = await startNatsServer({ port })
    const dispose = () => transport.close().then(second.close)
    return { transport, [Symbol.asyncDispose]: dispose }
  }

  it('is not well, and is given streams again with the first event', async () => {
    await using given = await wiped(async () => {})
    const { transport } = given
    const problem = () => transport.ping().catch(({ message }: Error) => message)
    await expect.poll(async () => `${await problem()}`).toContain('stream not found')
    expect(await transport.publish([envelope('1')])).toEqual([{ status: 'stored' }])
    expect(await problem()).toBeUndefined()
  })

  it('is given consumers again', async () => {
    const ids: string[] = []
    await using given = await wiped(async (transport) => {
      await transport.consume({ group: 'g' }, async (delivery) => {
        ids.push(delivery.envelope.id)
      })
      await transport.publish([envelope('1')])
      await expect.poll(() => ids).toEqual(['1'])
    })
    await expect
      .poll(async () => (await given.transport.publish([envelope('2')]))[0]?.status)
      .not.toBe('failed')
    await expect.poll(() => ids).toEqual(['1', '2'])
  })

  it('that has no JetStream is refused in our words', async () => {
    const binary = await findNatsServer()
    const port = await freePort()
    const child = spawn(binary ?? '', ['-a', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    const options = { servers: `nats://127.0.0.1:${port}` }
    const code = () => createNatsMessageTransport(options).catch(({ message }: Error) => message)
    await expect.poll(code).toContain('jetstream is not enabled')
    child.kill('SIGKILL')
  })
})

describeWithNats('the command line', () => {
  it('takes partitions and retention as they are stored, and creates nothing', async () => {
    const prefix = 'command-line'
    const options = { servers: server.url, prefix, partitions: 3, retentionMs: 3_600_000 }
    await using transport = await createNatsMessageTransport(options)
    await transport.publish([envelope('1')])
    const healthy = await cli('doctor', '--transport', server.url, '--prefix', prefix, '--json')
    expect(healthy.code).toBe(0)
    expect(JSON.parse(healthy.lines[0] ?? '')).toMatchObject({
      capabilities: { dedupeWindowMs: 3_600_000 },
    })
    const typo = await cli('doctor', '--transport', server.url, '--prefix', 'command-lin')
    expect(typo).toMatchObject({
      code: 1,
      errors: [expect.stringContaining('There is no stream command-lin-events')],
    })
    await using connection = disposable(await connect({ servers: server.url }))
    const manager = await jetstreamManager(connection.nats)
    await expect(manager.streams.info('command-lin-events')).rejects.toThrow(/not found/)
  })
})

describe('addresses', () => {
  it.each([
    ['nats://host', {}],
    ['host:4222', {}],
    ['nats://me:p%40ss@host', { user: 'me', pass: 'p@ss' }],
    ['nats://token@host', { token: 'token' }],
    ['tls://host', { tls: {} }],
    [['nats://one', 'tls://me:secret@two'], { user: 'me', pass: 'secret', tls: {} }],
  ])('say who connects and how: %j', (servers, expected) => {
    const given = { maxReconnectAttempts: -1, servers }
    expect(connectionOptions(servers)).toEqual({ ...given, ...expected })
  })

  it('give way to options', () => {
    const servers = { servers: 'nats://me:secret@host', user: 'you', maxReconnectAttempts: 3 }
    expect(connectionOptions(servers)).toEqual({ ...servers, pass: 'secret' })
  })
})

function disposable(nats: Awaited<ReturnType<typeof connect>>) {
  return { nats, [Symbol.asyncDispose]: () => nats.close() }
}

describeWithNats('what cannot be done is told as it is', () => {
  it('no envelope, no limit, no pause that a timer can wait', async () => {
    const options = { servers: server.url, prefix: 'odd', partitions: 1 }
    await using transport = await createNatsMessageTransport(options)
    const wrong = { ...envelope('1'), id: undefined as unknown as string }
    const refused = { status: 'failed', error: { kind: 'permanent' } }
    expect(await transport.publish([wrong])).toMatchObject([refused])
    await expect(transport.deadLetters.list({ limit: Number.NaN })).rejects.toThrow(TypeError)
    let attempts = 0
    await using _consumer = await transport.consume({ group: 'g' }, async () => {
      attempts++
      throw new RateLimitError('in a thousand years', { retryAfterMs: 2 ** 45 })
    })
    await transport.publish([envelope('2')])
    await expect.poll(() => attempts).toBe(1)
    await sleep(300)
    expect(attempts).toBe(1)
  })
})
