import { parseArgs } from 'node:util'
import { runSoak } from '../test/soak/run-soak.ts'

// `pnpm soak --transport nats --webhooks 100000`; a smaller run by default.
const { values } = parseArgs({
  options: {
    transport: { type: 'string', default: 'sqlite' },
    webhooks: { type: 'string', default: '5000' },
    conversations: { type: 'string', default: '200' },
    concurrency: { type: 'string', default: '32' },
  },
})
const { transport } = values
if (transport !== 'sqlite' && transport !== 'nats') throw new TypeError('--transport sqlite | nats')
const report = await runSoak({
  transport,
  webhooks: Number(values.webhooks),
  conversations: Number(values.conversations),
  concurrency: Number(values.concurrency),
  log: (line) => process.stderr.write(`${line}\n`),
})
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
const { acknowledged, handled, wrongLost, wrongOrder, neverAcknowledged } = report
const isWhole = wrongLost.length + wrongOrder.length + neverAcknowledged === 0
process.exitCode = isWhole && acknowledged === handled ? 0 : 1
