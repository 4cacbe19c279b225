import { randomInt } from 'node:crypto'
import {
  createPlatformSimulator,
  type PlatformSimulator,
  type SimulatedPlatform,
  simulatedPlatforms,
} from '@mortise/messaging-sdk/testing'
import type { SIMULATED_NAMES } from '../platforms.ts'

const MOST_NUMBERS = 1_000_000_000

/**
 * A simulated platform whose ids no earlier run had: a store that outlives the demo remembers those, and would take
 * new messages for old ones.
 */
export async function simulatePlatform(
  name: (typeof SIMULATED_NAMES)[number],
  fetch = globalThis.fetch,
): Promise<PlatformSimulator> {
  const played: SimulatedPlatform = simulatedPlatforms[name]
  const offset = randomInt(MOST_NUMBERS)
  const platform: SimulatedPlatform = {
    ...played,
    createAccount: (world, options) => {
      const nextNumber = () => offset + world.nextNumber()
      return played.createAccount({ ...world, nextNumber }, options)
    },
  }
  return await createPlatformSimulator({ platform, fetch })
}
