import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { startNatsServer } from '../../../scripts/servers/nats-server.ts'
import type { Envelope } from '../src/index.ts'
import { nats } from './dist.ts'
import { recordedBody } from './recorded.ts'

const MESSAGES = 3_000
const IN_FLIGHT = 64

/** The same envelopes, each acknowledged by the server, as many at once. */
export async function createPublishing() {
  const server = await startNatsServer()
  const connection = await connect({ servers: server.url })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'bare', subjects: ['bare.>'] })
  const client = jetstream(connection)
  const transport = await nats.createNatsMessageTransport({ connection, prefix: 'bench' })
  const raw = JSON.parse(recordedBody) as unknown
  let number = 0

  const newEnvelope = (): Envelope => ({
    id: `whatsapp:support:${number++}`,
    channel: 'mortise.processing.message.received',
    tenantId: 'acme',
    channelId: 'support',
    orderKey: `acme/support/${number % 100}`,
    payload: { event: { raw } },
  })

  async function messagesPerSecond(publish: (envelope: Envelope) => Promise<void>) {
    const waiting = Array.from({ length: MESSAGES }, newEnvelope)
    const started = performance.now()
    const work = async () => {
      for (let envelope = waiting.pop(); envelope; envelope = waiting.pop()) await publish(envelope)
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, work))
    return (MESSAGES * 1000) / (performance.now() - started)
  }

  return {
    ours: () =>
      messagesPerSecond(async (envelope) => {
        const [outcome] = await transport.publish([envelope])
        if (outcome?.status !== 'stored') throw new Error('not stored')
      }),
    theirs: () =>
      messagesPerSecond(async (envelope) => {
        await client.publish(`bare.${number % 100}`, JSON.stringify(envelope))
      }),
    close: async () => {
      await transport.close()
      await connection.close()
      await server.close()
    },
  }
}
