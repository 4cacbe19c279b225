import type { TestProject } from 'vitest/node'
import { findNatsServer } from '../servers/nats-server.ts'
import { findS3Server, type S3Server } from '../servers/s3-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A `nats-server` can be started (or `NATS_URL` names one). */
    nats: boolean
    /** The real S3 server, if there is one. */
    s3: S3Server | undefined
  }
}

/** Finds the real servers once for the run. With `CI=true` a missing one fails the run. */
export default async function setup(project: TestProject): Promise<void> {
  const nats = Boolean(process.env.NATS_URL ?? (await findNatsServer()))
  const s3 = await findS3Server()
  project.provide('nats', nats)
  project.provide('s3', s3)
  const missing = missingServers({ nats, s3 })
  if (process.env.CI === 'true' && missing.length > 0) throw new Error(missing.join('\n'))
}

/** What to tell a person about each server that could not be had. */
export function missingServers(servers: { nats: boolean; s3: S3Server | undefined }): string[] {
  return [
    ...(servers.nats
      ? []
      : ['NATS SUITES DID NOT RUN: no nats-server. Put one on PATH or set NATS_URL.']),
    ...(servers.s3
      ? []
      : [
          'S3 SUITES DID NOT RUN: no S3 server. `pnpm s3 up` fetches one (Debian, root), or set S3_ENDPOINT.',
        ]),
  ]
}
