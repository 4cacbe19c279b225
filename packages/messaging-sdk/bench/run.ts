import { benchRatios } from '../../../scripts/bench/ratios.ts'
import { findNatsServer } from '../../../scripts/servers/nats-server.ts'
import { createParsing } from './parsing.ts'
import { createPublishing } from './publishing.ts'
import { createReceiving } from './receiving.ts'

const NORMALIZE_BUDGET_US = 60
const parsing = await createParsing()
const receiving = await createReceiving()
const publishing = (await findNatsServer()) ? await createPublishing() : undefined

await benchRatios({
  package: 'messaging-sdk',
  // One sample takes a fifth of a second: only many of them tell something.
  rounds: 15,
  measures: [
    {
      name: 'verify and normalize a WhatsApp text, CPU microseconds against the budget of 60',
      goal: 1,
      better: 'lower',
      ours: parsing.oursPure,
      theirs: () => NORMALIZE_BUDGET_US,
    },
    {
      name: 'verify and parse a WhatsApp Request, time against @chat-adapter/whatsapp',
      goal: 1,
      better: 'lower',
      ours: parsing.ours,
      theirs: parsing.theirs,
    },
    {
      name: 'webhooks verified, normalized and stored on disk, requests/s against a bare HMAC server',
      goal: 0.5,
      better: 'higher',
      ours: receiving.ours,
      theirs: receiving.theirs,
    },
    ...(publishing
      ? [
          {
            name: 'JetStream publish, messages/s against a bare @nats-io publisher',
            goal: 0.7,
            better: 'higher' as const,
            ours: publishing.ours,
            theirs: publishing.theirs,
          },
        ]
      : []),
  ],
})
await receiving.close()
await publishing?.close()
