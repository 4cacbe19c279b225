import { findBrowser } from '../servers/find-browser.ts'
import { findNatsServer } from '../servers/nats-server.ts'
import { findS3Server, type S3Server } from '../servers/s3-server.ts'

/** The real things that suites run against; what could not be had is missing. */
export interface RealParts {
  /** A `nats-server` can be started (or `NATS_URL` names one). */
  nats: boolean
  /** The real S3 server, if there is one. */
  s3: S3Server | undefined
  /** The path of a Chromium. */
  browser: string | undefined
}

export async function findRealParts(): Promise<RealParts> {
  return {
    nats: Boolean(process.env.NATS_URL ?? (await findNatsServer())),
    s3: await findS3Server(),
    browser: await findBrowser(),
  }
}

const WHAT_TO_DO = {
  nats: 'NATS SUITES DID NOT RUN: no nats-server. Put one on PATH or set NATS_URL.',
  s3: 'S3 SUITES DID NOT RUN: no S3 server. `pnpm s3 up` fetches one (Debian, root), or set S3_ENDPOINT.',
  browser: 'BROWSER SUITES DID NOT RUN: no Chromium. Put one on PATH or set BROWSER_PATH.',
} as const

/** What to tell a person about each part that could not be had. */
export function missingParts(parts: RealParts): string[] {
  const names = Object.keys(WHAT_TO_DO) as (keyof typeof WHAT_TO_DO)[]
  return names.filter((name) => !parts[name]).map((name) => WHAT_TO_DO[name])
}
