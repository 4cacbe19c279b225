import { PermanentError } from '@mortise/errors'
import type { PlatformSimulator } from '@mortise/messaging-sdk/testing'
import type { Setup } from './open-parts.ts'
import type { Parts } from './parts.ts'
import type { PlatformName } from './platforms.ts'

/** A simulated platform, and where its webhooks go. */
export interface SimulatedSide {
  name: PlatformName
  simulator: PlatformSimulator
  webhookUrl: string
}

/** The running demo: the system, and the simulated world around it. */
export interface RunningDemo {
  setup: Setup
  parts: Parts
  /** The platforms that no real account is on. */
  world: readonly SimulatedSide[]
  /** Where the control room is served: this machine alone reaches it. */
  roomUrl: string
  /** Stops taking messages in this process; the answer goes on with it. */
  pausePipeline: () => Promise<() => Promise<void>>
}

/** The demo, and how it ends. */
export type Demo = RunningDemo & AsyncDisposable

/**
 * The simulated platform with this name, or the first one.
 * @throws {PermanentError} DEMO_NOT_SIMULATED when there is none: a real account is on it.
 */
export function simulatedSide({ world }: Pick<RunningDemo, 'world'>, name?: string): SimulatedSide {
  const side = name === undefined ? world[0] : world.find((known) => known.name === name)
  if (side) return side
  const message = `${name ?? 'Every platform'} is a real account here: write and break things there`
  throw new PermanentError(message, { code: 'DEMO_NOT_SIMULATED' })
}
