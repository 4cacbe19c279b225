import { describe, it } from 'vitest'
import { platformAdapterContract, type SimulatedPlatformName } from '../src/testing/index.ts'
import { everyAdapter } from './every-adapter.ts'

const platforms = Object.keys(everyAdapter) as SimulatedPlatformName[]

describe.each(platforms)('the adapter of %s', (platform) => {
  const checks = platformAdapterContract({ platform, create: everyAdapter[platform] })
  for (const check of checks) it(check.name, check.run)
})
