import { join } from 'node:path'

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
}

/**
 * Reads the environment, the only place that does: `S3_ENDPOINT` (with `S3_BUCKET`, `S3_REGION`,
 * `S3_ACCESS_KEY_ID`, `S3_SECRET_ACCESS_KEY`) and `NATS_URL`. Without them everything is embedded.
 */
export function configFromEnv(env: NodeJS.ProcessEnv, cwd: string): DemoConfig {
  return {
    folder: join(cwd, '.mortise', 'demo'),
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
