// `pnpm soak`: 8 processes × 2,000 events, writers killed, answers lost. `--delivery journal`, `--events N`.
import { parseArgs } from 'node:util'
import { findS3Server } from '../../../scripts/servers/s3-server.ts'
import { soak } from './soak.ts'

const { values } = parseArgs({
  options: {
    delivery: { type: 'string', default: 'direct' },
    events: { type: 'string', default: '2000' },
    processes: { type: 'string', default: '8' },
    reads: { type: 'string', default: '1000' },
  },
})
const server = await findS3Server()
if (!server) throw new Error('No S3 server: `pnpm s3 up` starts one')
const report = await soak({
  server,
  delivery: values.delivery === 'journal' ? 'journal' : 'direct',
  processes: Number(values.processes),
  eventsEach: Number(values.events),
  callersEach: 32,
  rates: { cutAfter: 0.08, cutBefore: 0.04, slowDown: 0.04, lieAfter: 0.04 },
  killEveryMs: 2_000,
  outageEveryMs: 10_000,
  maxDisturbances: Number.POSITIVE_INFINITY,
  reads: Number(values.reads),
})
console.log(report)
if (report.lost + report.doubled + report.badReads > 0) process.exitCode = 1
