import { readFile } from 'node:fs/promises'
import { isIntegrationError } from '@mortise/errors'
import { parseSegmentsConfig } from '../s3/segments-config.ts'
import type { SegmentsUploaderOptions } from '../uploader-options.ts'
import { type CommandOptions, UsageError } from './command-line.ts'

export interface Store {
  readonly options: SegmentsUploaderOptions
  readonly close: () => void
}

/**
 * The store that the command line, the configuration and the environment name.
 * @throws {UsageError} when there is no bucket, or the configuration cannot be read
 * @throws {PermanentError} SEGMENTS_CONFIG_INVALID
 */
export async function openStore(
  options: CommandOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Store> {
  const { createS3Client, createS3SegmentTarget, fileNameOption } = await importS3()
  const { config: path } = options
  const config =
    path === undefined
      ? parseCommandConfig(options, environment)
      : parseSegmentsConfig(await readConfig(path))
  const client = createS3Client(config)
  return {
    options: {
      ...formatOptions(options),
      ...fileNameOption(config),
      target: createS3SegmentTarget({ client, bucket: config.s3_bucket }),
      timeZone: config.time_zone,
      prefix: config.s3_prefix,
    },
    close: () => client.destroy(),
  }
}

/** The SDK is an optional peer: a file on this machine is read without it. */
async function importS3() {
  try {
    const [target, uploader] = await Promise.all([
      import('../s3/s3-segment-target.ts'),
      import('../s3/s3-segments-uploader.ts'),
    ])
    return { ...target, ...uploader }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UsageError('install @aws-sdk/client-s3 beside this package to use a bucket')
  }
}

/** What the command line says about the file, for a bucket and for a file on this machine. */
export function formatOptions(options: CommandOptions) {
  const { format, compression, mode, delivery } = options
  // Their values are checked where the options are parsed.
  return { format, compression, mode, delivery } as Pick<
    SegmentsUploaderOptions,
    'format' | 'compression' | 'mode' | 'delivery'
  >
}

/**
 * The configuration in the words of the command line.
 * @throws {UsageError} naming each option or variable that is wrong
 */
function parseCommandConfig(options: CommandOptions, environment: NodeJS.ProcessEnv) {
  if (options.bucket === undefined) throw new UsageError('give --bucket or --config')
  const given: Record<string, readonly [name: string, value: string | undefined]> = {
    aws_access_key_id: ['AWS_ACCESS_KEY_ID', environment.AWS_ACCESS_KEY_ID],
    aws_secret_access_key: ['AWS_SECRET_ACCESS_KEY', environment.AWS_SECRET_ACCESS_KEY],
    aws_session_token: ['AWS_SESSION_TOKEN', environment.AWS_SESSION_TOKEN],
    s3_bucket: ['--bucket', options.bucket],
    aws_region: ['--region', options.region ?? environment.AWS_REGION],
    s3_endpoint: ['--endpoint', options.endpoint],
    s3_prefix: ['--prefix', options.prefix],
    time_zone: ['--time-zone', options['time-zone']],
    file_name: ['--file-name', options['file-name']],
  }
  const fields = Object.entries(given).flatMap(([field, [, value]]) =>
    value === undefined ? [] : [[field, value]],
  )
  try {
    return parseSegmentsConfig(Object.fromEntries(fields))
  } catch (error) {
    const issues = isIntegrationError(error) ? (error.details?.issues as ConfigIssue[]) : []
    throw new UsageError(
      issues.map(({ field, message }) => `${given[field]?.[0]}: ${message}`).join('; '),
    )
  }
}

interface ConfigIssue {
  readonly field: string
  readonly message: string
}

async function readConfig(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    // The parser's message would quote the file, and the file holds a secret.
    const reason = error instanceof SyntaxError ? 'it is not valid JSON' : (error as Error).message
    throw new UsageError(`--config: ${path} cannot be read: ${reason}`)
  }
}
