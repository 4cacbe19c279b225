import { S3Client } from '@aws-sdk/client-s3'
import { createSegmentsUploader, type SegmentsUploader } from '../segments-uploader.ts'
import type { SegmentsUploaderOptions } from '../uploader-options.ts'
import { createS3SegmentTarget } from './s3-segment-target.ts'
import {
  type ParsedSegmentsConfig,
  parseSegmentsConfig,
  type SegmentsConfig,
} from './segments-config.ts'

/** Everything of `createSegmentsUploader` that the configuration does not already say. */
export type S3SegmentsUploaderOptions = Omit<
  SegmentsUploaderOptions,
  'target' | 'timeZone' | 'prefix' | 'fileName'
>

/**
 * Makes the uploader from the plugin's configuration. Closing it closes its client too.
 * @throws {PermanentError} SEGMENTS_CONFIG_INVALID naming every field that is wrong
 */
export function createS3SegmentsUploader(
  config: SegmentsConfig,
  options: S3SegmentsUploaderOptions = {},
): SegmentsUploader {
  const parsed = parseSegmentsConfig(config)
  const client = createS3Client(parsed)
  const uploader = createSegmentsUploader({
    ...options,
    target: createS3SegmentTarget({ client, bucket: parsed.s3_bucket }),
    timeZone: parsed.time_zone,
    prefix: parsed.s3_prefix,
    ...fileNameOption(parsed),
  })
  const close = async () => {
    await uploader.close().finally(() => client.destroy())
  }
  return { ...uploader, close, [Symbol.asyncDispose]: close }
}

/** The file name that a configuration asks for; without one the format names the file. */
export function fileNameOption({ file_name: template }: ParsedSegmentsConfig) {
  if (template === undefined) return {}
  return { fileName: (day: string) => template.replaceAll('{date}', day) }
}

/** A client for what a configuration names. */
export function createS3Client(config: ParsedSegmentsConfig): S3Client {
  const { aws_session_token: sessionToken, s3_endpoint: endpoint } = config
  return new S3Client({
    region: config.aws_region,
    credentials: {
      accessKeyId: config.aws_access_key_id,
      secretAccessKey: config.aws_secret_access_key,
      ...(sessionToken !== undefined && { sessionToken }),
    },
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    // The uploader tries again by itself, and looks before it does.
    maxAttempts: 1,
    // What goes wrong is in the errors; the SDK's warnings on the console are nobody's business.
    logger: SILENT,
  })
}

const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
