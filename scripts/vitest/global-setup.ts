import type { TestProject } from 'vitest/node'
import { findRealParts, missingParts, type RealParts } from './real-parts.ts'

declare module 'vitest' {
  export interface ProvidedContext extends RealParts {}
}

/** Finds the real parts once for the run. With `CI=true` a missing one fails the run. */
export default async function setup(project: TestProject): Promise<void> {
  const parts = await findRealParts()
  project.provide('nats', parts.nats)
  project.provide('s3', parts.s3)
  project.provide('browser', parts.browser)
  const missing = missingParts(parts)
  if (process.env.CI === 'true' && missing.length > 0) throw new Error(missing.join('\n'))
}
