import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Envelope, MessageTransport, PublishOutcome } from '../message-transport.ts'

/** One check before it has a transport. */
export interface TransportCheck {
  name: string
  check: (given: { transport: MessageTransport; patienceMs: number }) => Promise<void>
}

/** An envelope whose id, key and channel say what it is for. */
export function envelope(id: string, options: Partial<Envelope> = {}): Envelope {
  return {
    id: `test:${id}`,
    channel: 'test.events',
    tenantId: 'acme',
    channelId: 'support',
    orderKey: 'one conversation',
    payload: { id },
    ...options,
  }
}

/** The ids that `envelope` was called with, of what was delivered. */
export const idOf = ({ envelope: { payload } }: { envelope: Envelope }): string =>
  (payload as { id: string }).id

/** Publishes and insists on the outcomes. */
export async function publishAll(
  transport: MessageTransport,
  envelopes: readonly Envelope[],
): Promise<void> {
  const outcomes = await transport.publish(envelopes)
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    envelopes.map(() => 'stored'),
    'every envelope is stored',
  )
}

/** The statuses of outcomes, for comparing. */
export const statuses = (outcomes: readonly PublishOutcome[]): string[] =>
  outcomes.map(({ status }) => status)

const PROBE_MS = 5

/** Waits until something is true, and fails with the sentence when it never is. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  options: { patienceMs: number; what: string },
): Promise<void> {
  const deadline = Date.now() + options.patienceMs
  while (!(await isTrue())) {
    if (Date.now() > deadline) assert.fail(`never happened: ${options.what}`)
    await sleep(PROBE_MS)
  }
}

/** Long enough for a wrong extra delivery to arrive. */
export const SETTLE_MS = 120
