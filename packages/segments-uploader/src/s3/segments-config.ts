import { PermanentError } from '@mortise/errors'
import { z } from 'zod'
import { isTimeZone } from '../day.ts'
import { SEGMENTS_CODES } from '../segments-errors.ts'

/** The longest key of S3 has 1,024 bytes; behind the file's own follow the names of its journal and its ledger. */
const MAX_PREFIX_BYTES = 512
const MAX_FILE_NAME_BYTES = 256

// What goes into a header; anything else would fail at each request.
const credential = text(/^[\x21-\x7e]+$/, 'give letters, digits and signs without spaces')

/** The plugin's configuration as its users know it, and what it lacked. Unknown fields are refused: they are typing errors. */
export const segmentsConfigSchema = z.strictObject({
  aws_access_key_id: credential,
  aws_secret_access_key: text(/^\P{Cc}+$/u, 'give a text without line breaks'),
  /** A name, or the ARN of an access point. */
  s3_bucket: text(
    /^([a-z0-9][a-z0-9._-]{1,254}|arn:\S+)$/i,
    'give the name of a bucket: at least three letters, digits, dots and hyphens',
  ),
  /** For temporary credentials. */
  aws_session_token: credential.optional(),
  /** Default `us-east-1`. */
  aws_region: text(/^[a-z0-9-]{1,63}$/i, 'give a region such as us-east-1').default('us-east-1'),
  /** Another store than AWS, such as `https://s3.example.com`; addressed path style. */
  s3_endpoint: checked(
    isEndpoint,
    'give an http or https URL without a user, a password or a query',
  ).optional(),
  /** Put before the file name, as it is. */
  s3_prefix: partOfKey(MAX_PREFIX_BYTES).default(''),
  /** Whose midnight begins a new file. */
  time_zone: checked(isTimeZone, 'give an IANA name such as Europe/Madrid').default('UTC'),
  /** `{date}` stands for the day. Default `{date}_segments.json`, or what the format is called. */
  file_name: partOfKey(MAX_FILE_NAME_BYTES)
    .includes('{date}', { error: 'give a text with {date} in it, which stands for the day' })
    .optional(),
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
  const issues = parsed.error.issues.flatMap(issuesOf)
  const text = issues.map(({ field, message }) => `${field}: ${message}`).join('; ')
  throw new PermanentError(`The configuration is not valid. ${text}`, {
    code: SEGMENTS_CODES.configInvalid,
    outcome: 'not_sent',
    details: { issues },
  })
}

function issuesOf(issue: z.core.$ZodIssue): { field: string; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((field) => ({ field, message: 'there is no such field' }))
  }
  const field = issue.path.join('.')
  return [field ? { field, message: issue.message } : { field: 'it', message: 'give an object' }]
}

function text(rule: RegExp, advice: string) {
  return checked((value) => rule.test(value), advice)
}

function checked(rule: (value: string) => boolean, advice: string) {
  return given(advice).trim().refine(rule, { error: advice })
}

function given(advice: string) {
  return z.string({
    error: ({ input }) => (input === undefined ? `it is missing; ${advice}` : advice),
  })
}

/** Control characters would not come back from a listing, which is XML. */
function partOfKey(maxBytes: number) {
  const advice = `give a text of at most ${maxBytes} bytes without control characters`
  const rule = (value: string) => /^\P{Cc}*$/u.test(value) && Buffer.byteLength(value) <= maxBytes
  return given(advice).refine(rule, { error: advice })
}

function isEndpoint(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return false
  return `${url.username}${url.password}${url.search}${url.hash}` === ''
}
