import { describe, expect, it } from 'vitest'
import { describeWithNats } from '../../../scripts/vitest/servers.ts'
import { runSoak } from './soak/run-soak.ts'

const size = { webhooks: 240, conversations: 12, concurrency: 8 }
const TIMEOUT_MS = 180_000

const nothingWrong = {
  acknowledged: 240,
  handled: 240,
  neverAcknowledged: 0,
  wrongLost: [],
  wrongOrder: [],
  deadLetters: 0,
}

describe('every acknowledged event is handled, in order, whatever is killed', () => {
  it('over SQLite', { timeout: TIMEOUT_MS }, async () => {
    const report = await runSoak({ ...size, transport: 'sqlite' })
    expect(report).toMatchObject(nothingWrong)
    expect(report.kills).toEqual(['receiver', 'worker', 'receiver and worker'])
  })
})

describeWithNats('every acknowledged event is handled, in order, whatever is killed', () => {
  it('over JetStream', { timeout: TIMEOUT_MS }, async () => {
    const report = await runSoak({ ...size, transport: 'nats' })
    expect(report).toMatchObject(nothingWrong)
    expect(report.kills).toEqual(['receiver', 'worker', 'nats-server', 'receiver and worker'])
  })
})
