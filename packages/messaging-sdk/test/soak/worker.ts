import { DatabaseSync } from 'node:sqlite'
import { TransientError } from '@mortise/errors'
import { INTEGRATION_CHANNELS } from '../../src/index.ts'
import { openTransport } from './open-transport.ts'

// A worker of its own, to be killed: `worker.ts <transport> <effects database>`. Its effect is one row for each
// event; the event's id is the key, so an event that comes again after a kill leaves no second row.
const [address = '', effectsPath = ''] = process.argv.slice(2)
const NAK_SHARE = 0.03
const effects = new DatabaseSync(effectsPath, { timeout: 5_000 })
effects.exec('pragma journal_mode = wal; pragma synchronous = normal')
const insert = effects.prepare('insert or ignore into effects (id, conversation) values (?, ?)')
const repeat = effects.prepare('update effects set deliveries = deliveries + 1 where id = ?')

const transport = await openTransport(address)
await transport.consume(
  {
    group: 'worker',
    channels: [INTEGRATION_CHANNELS.MESSAGE_RECEIVED],
    maxInFlight: 32,
    maxRetries: 1_000,
    ackWaitMs: 2_000,
    backoffMs: () => Math.ceil(Math.random() * 20),
  },
  async ({ envelope }) => {
    if (Math.random() < NAK_SHARE) throw new TransientError('not now')
    const { event } = envelope.payload as { event: { id: string; conversation: { id: string } } }
    if (insert.run(event.id, event.conversation.id).changes === 0) repeat.run(event.id)
  },
)
process.stdout.write('ready\n')

// Whoever started us is gone: nobody else would end us.
process.stdin.resume().once('close', () => process.exit())
