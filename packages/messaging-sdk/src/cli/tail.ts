import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import type { Envelope } from '../message-transport.ts'
import { type CliIo, EXIT, transportOptions } from './cli-io.ts'
import { openTransport } from './open-transport.ts'

const options = {
  ...transportOptions,
  channel: { type: 'string', multiple: true },
  all: { type: 'boolean', default: false },
} as const

/** Shows events as they are stored, through a group of its own that ends with the command. */
export async function tail(args: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({ args, options })
  await using transport = await openTransport(values)
  const group = `tail-${randomUUID()}`
  const from = values.all ? 'beginning' : 'now'
  const subscription = await transport.consume(
    { group, from, maxInFlight: 1, ...(values.channel && { channels: values.channel }) },
    async ({ envelope }) => {
      io.out(values.json ? JSON.stringify(envelope) : lineOf(envelope))
    },
  )
  if (!io.signal.aborted) await once(io.signal, 'abort')
  await subscription.close()
  await transport.removeGroup(group)
  return EXIT.ok
}

function lineOf(envelope: Envelope): string {
  const { event } = (envelope.payload ?? {}) as { event?: { type?: unknown } }
  const what = typeof event?.type === 'string' ? event.type : envelope.channel
  return `${new Date().toISOString()}  ${what.padEnd(18)} ${envelope.tenantId}/${envelope.channelId}  ${envelope.id}`
}
