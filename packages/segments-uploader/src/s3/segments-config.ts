import { PermanentError } from '@mortise/errors'
import { z } from 'zod'
import { SEGMENTS_CODES } from '../segments-errors.ts'

const text = z.string().trim().min(1)

/** The plugin's configuration as its users know it, and what it lacked. Unknown fields are refused: they are typing errors. */
export const segmentsConfigSchema = z.strictObject({
  aws_access_key_id: text,
  aws_secret_access_key: text,
  s3_bucket: text,
  /** For temporary credentials. */
  aws_session_token: text.optional(),
  /** Default `us-east-1`. */
  aws_region: text.default('us-east-1'),
  /** Another store than AWS, such as `https://s3.example.com`; addressed path style. */
  s3_endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** Put before the file name, as it is. */
  s3_prefix: z.string().default(''),
  /** Whose midnight begins a new file. */
  time_zone: text.default('UTC'),
  /** `{date}` stands for the day. Default `{date}_segments.json`, or what the format is called. */
  file_name: z.string().includes('{date}').optional(),
})

/** The configuration as a user writes it. */
export type SegmentsConfig = z.input<typeof segmentsConfigSchema>
/** The configuration with its defaults in place. */
export type ParsedSegmentsConfig = z.output<typeof segmentsConfigSchema>

/**
 * Checks a configuration. The error names each field that is wrong and never a value.
 * @throws {PermanentError} SEGMENTS_CONFIG_INVALID
 */
export function parseSegmentsConfig(config: unknown): ParsedSegmentsConfig {
  const parsed = segmentsConfigSchema.safeParse(config)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({
    field: path.join('.') || 'configuration',
    message,
  }))
  const text = issues.map(({ field, message }) => `${field}: ${message}`).join('; ')
  throw new PermanentError(`The configuration is not valid. ${text}`, {
    code: SEGMENTS_CODES.configInvalid,
    outcome: 'not_sent',
    details: { issues },
  })
}
