import { platformAdapterContract } from '@mortise/messaging-sdk/testing'
import { describe, it } from 'vitest'
import { createAcmePlatformAdapter } from '../examples/acme-platform-adapter.ts'
import { simulatedAcme } from '../examples/simulated-acme.ts'

describe('the platform adapter of the guide', () => {
  const checks = platformAdapterContract({
    create: (options) => createAcmePlatformAdapter(options),
    platform: simulatedAcme,
  })
  for (const check of checks) it(check.name, check.run)
})
