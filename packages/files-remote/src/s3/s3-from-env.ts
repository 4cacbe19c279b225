import type { StorageProvider } from '../storage-provider.ts'
import type { S3StorageProviderOptions } from './s3-options.ts'
import { createS3StorageProvider } from './s3-storage-provider.ts'

const NAMES = ['AWS_S3_BUCKET', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const

/**
 * The provider of the bucket that the environment names: `AWS_S3_BUCKET`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
 * `AWS_SECRET_ACCESS_KEY` and, for temporary credentials, `AWS_SESSION_TOKEN`. Read once, when called.
 * @throws {TypeError} when one of the first four is missing; it names all that are
 */
export function createS3StorageProviderFromEnv(
  options: Partial<S3StorageProviderOptions> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): StorageProvider {
  const missing = NAMES.filter((name) => !env[name])
  if (missing.length > 0) throw new TypeError(`Set ${missing.join(', ')} in the environment.`)
  const sessionToken = env.AWS_SESSION_TOKEN
  return createS3StorageProvider({
    bucket: env.AWS_S3_BUCKET ?? '',
    ...options,
    clientConfig: {
      region: env.AWS_REGION ?? '',
      credentials: {
        accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
        ...(sessionToken && { sessionToken }),
      },
      ...options.clientConfig,
    },
  })
}
