import { join } from 'node:path'
import type { PlatformAccount } from './platforms.ts'

/** An S3-compatible server to keep files on, instead of a folder. */
export interface S3Config {
  endpoint: string
  bucket: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}

/** Everything that can be chosen from outside. */
export interface DemoConfig {
  /** Where results are kept. */
  folder: string
  s3?: S3Config
  natsUrl?: string
  /** Accounts on the platforms themselves; the other platforms are simulated. */
  real?: RealConfig
}

/** Real accounts, and how their platforms reach this machine. */
export interface RealConfig {
  accounts: readonly PlatformAccount[]
  /** An https origin that leads to `port`. */
  publicUrl: string
  /** Where to listen for webhooks. Default: loopback, a free port. */
  host?: string | undefined
  port?: number | undefined
  /** Replace a webhook address that somebody else set. Default false. */
  takeOver?: boolean
}

/**
 * Reads the environment: `S3_ENDPOINT` (with `S3_BUCKET`, `S3_REGION`, `S3_ACCESS_KEY_ID`, `S3_SECRET_ACCESS_KEY`)
 * and `NATS_URL`. Without them everything is embedded.
 */
export function configFromEnv(env: NodeJS.ProcessEnv, folder: string): DemoConfig {
  return {
    folder,
    ...(env.S3_ENDPOINT && {
      s3: {
        endpoint: env.S3_ENDPOINT,
        bucket: env.S3_BUCKET ?? 'mortise-demo',
        region: env.S3_REGION ?? 'us-east-1',
        accessKeyId: env.S3_ACCESS_KEY_ID ?? 'test',
        secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? 'testtest',
      },
    }),
    ...(env.NATS_URL && { natsUrl: env.NATS_URL }),
  }
}

/** Where results go when this is the `number`th demo that runs here. */
export function resultsFolder(cwd: string, number: number): string {
  return join(cwd, '.mortise', number === 1 ? 'demo' : `demo-${number}`)
}
