import type { MessageTransport } from '../message-transport.ts'
import type { Check } from './check.ts'
import { consumingChecks } from './transport-checks-consuming.ts'
import { failureChecks } from './transport-checks-failures.ts'
import { groupChecks } from './transport-checks-groups.ts'
import { publishingChecks } from './transport-checks-publishing.ts'

/** What the contract needs of a transport under test. */
export interface MessageTransportContractOptions {
  /** A fresh, empty transport for each check; the contract closes it. */
  create: () => Promise<MessageTransport> | MessageTransport
  /**
   * How long a check waits for something to happen. Default 5 s: only failing checks wait so long.
   */
  patienceMs?: number
}

/**
 * What every {@link MessageTransport} promises: storing once, order within a key, retries, dead letters,
 * claims, lag, and a quiet end.
 */
export function messageTransportContract(options: MessageTransportContractOptions): Check[] {
  return CHECKS.map(({ name, check }) => ({
    name,
    run: async () => {
      const transport = await options.create()
      try {
        await check({ transport, patienceMs: options.patienceMs ?? DEFAULT_PATIENCE_MS })
      } finally {
        await transport.close()
      }
    },
  }))
}

const CHECKS = [...publishingChecks, ...groupChecks, ...consumingChecks, ...failureChecks]
const DEFAULT_PATIENCE_MS = 5_000
