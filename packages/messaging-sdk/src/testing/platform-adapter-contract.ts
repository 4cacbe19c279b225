import type { PlatformAdapter } from '../platform-adapter.ts'
import type { Check } from './check.ts'
import { channelWith, WEBHOOK_URL } from './platform-check.ts'
import { normalizingChecks } from './platform-checks-normalizing.ts'
import { sendingChecks } from './platform-checks-sending.ts'
import { verifyingChecks } from './platform-checks-verifying.ts'
import { createPlatformSimulator, type PlatformSimulatorOptions } from './platform-simulator.ts'

/** What the contract needs of an adapter under test. */
export interface PlatformAdapterContractOptions<TCredentials> {
  /** A new adapter that sends to `baseUrl`. */
  create: (options: { baseUrl: string }) => PlatformAdapter<TCredentials>
  /** Who plays the platform: one of ours by name, or your own. */
  platform: PlatformSimulatorOptions['platform']
}

/**
 * What every {@link PlatformAdapter} promises: only the platform's own webhooks are accepted, nothing in them
 * is lost or makes it throw, what the capability matrix names is sent, all else is refused, and every failure
 * is an outcome without a secret in it. Each check has a simulated platform of its own.
 */
export function platformAdapterContract<TCredentials>(
  options: PlatformAdapterContractOptions<TCredentials>,
): Check[] {
  return [...verifyingChecks, ...normalizingChecks, ...sendingChecks].map(({ name, check }) => ({
    name,
    run: async () => {
      const { platform } = options
      await using simulator = await createPlatformSimulator({ platform, webhookUrl: WEBHOOK_URL })
      const adapterAt = (baseUrl: string) => options.create({ baseUrl })
      const channel = channelWith<TCredentials>(simulator.credentials)
      await check({ adapter: adapterAt(simulator.apiUrl), adapterAt, simulator, channel })
    },
  }))
}
