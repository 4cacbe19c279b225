// `pnpm soak`: 8 processes × 2,000 events, writers killed, answers lost.
//
//   --delivery journal   by way of the journal
//   --kill-server        an S3 server of its own, $S3_PORT (9605) and $MORTISE_SOAK_CACHE (~/.cache/mortise-soak),
//                        is killed with -9 and started again, again and again
//   --versioned          on a bucket that keeps old versions; a store that does not keep conditions there is refused
//   --target MODULE      another store than S3: a path whose default export makes a SegmentTarget of a folder
//   --json               prints one object, the SoakReport of soak.ts
//   --events N, --processes N, --reads N
//
// Ends with 1 when an event was lost or doubled or a read was bad.
import { parseArgs } from 'node:util'
import { findS3Server } from '../../../scripts/servers/s3-server.ts'
import type { FaultRates } from './faults.ts'
import { createFolderStore } from './folder-store.ts'
import { startOwnServer } from './own-server.ts'
import { createS3Store } from './s3-store.ts'
import { type SoakReport, soak } from './soak.ts'
import type { SoakStore } from './soak-store.ts'

const RATES: FaultRates = { cutAfter: 0.08, cutBefore: 0.04, slowDown: 0.04, lieAfter: 0.04 }

const { values } = parseArgs({
  options: {
    delivery: { type: 'string', default: 'direct' },
    events: { type: 'string', default: '2000' },
    processes: { type: 'string', default: '8' },
    reads: { type: 'string', default: '1000' },
    target: { type: 'string' },
    'kill-server': { type: 'boolean', default: false },
    versioned: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const own = values['kill-server'] ? await startOwnServer() : undefined
const report = await run().finally(() => own?.wipe())
console.log(values.json ? JSON.stringify(report) : report)
if (report.lost + report.doubled + report.badReads > 0) process.exitCode = 1

async function run(): Promise<SoakReport> {
  return await soak({
    store: await openStore(),
    delivery: values.delivery === 'journal' ? 'journal' : 'direct',
    processes: Number(values.processes),
    eventsEach: Number(values.events),
    callersEach: 32,
    killEveryMs: 2_000,
    outageEveryMs: own ? 15_000 : 10_000,
    maxDisturbances: Number.POSITIVE_INFINITY,
    reads: Number(values.reads),
    pauseBetweenReadsMs: 50,
  })
}

async function openStore(): Promise<SoakStore> {
  if (values.target !== undefined) return await createFolderStore(values.target, RATES)
  const server = own?.server ?? (await findS3Server())
  if (!server) throw new Error('No S3 server: `pnpm s3 up` starts one')
  const { versioned } = values
  return await createS3Store({ server, rates: RATES, killServer: own?.killAndStart, versioned })
}
