import {
  AuthError,
  copyError,
  fromUnknown,
  PermanentError,
  parseRetryHint,
  RateLimitError,
  TransientError,
} from '@mortise/errors'
import type { SendContext } from './platform-adapter.ts'
import type { SendOutcome } from './send-outcome.ts'

/** One call to a platform's API. */
export interface PlatformRequest {
  /** For messages to people: `WhatsApp`. */
  platform: string
  url: string
  /** Default `POST`. */
  method?: string
  headers?: Record<string, string>
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is, instead of `json`. */
  body?: NonNullable<RequestInit['body']>
}

/** An answer of the platform, read whole; or, when there was none, what that means for a send. */
export type PlatformAnswer =
  | { answered: true; status: number; headers: Headers; body: unknown }
  | { answered: false; failure: NetworkFailure }

/** Nothing was sent (`retryable`, or `permanent` when it would fail again), or nobody knows. */
export type NetworkFailure = SendOutcome & { outcome: 'retryable' | 'permanent' | 'unknown' }

/** Answers are small JSON; whatever is longer is cut here. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** Asks the platform. Never rejects: what the network does becomes a `failure`. Redirects are not followed. */
export async function callPlatform(
  request: PlatformRequest,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<PlatformAnswer> {
  try {
    const response = await context.fetch(request.url, {
      method: request.method ?? 'POST',
      headers: {
        ...(request.json !== undefined && { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.json !== undefined && { body: JSON.stringify(request.json) }),
      ...(request.body !== undefined && { body: request.body }),
      redirect: 'error',
      signal: context.signal,
    })
    const body = await readBody(response)
    return { answered: true, status: response.status, headers: response.headers, body }
  } catch (cause) {
    return { answered: false, failure: networkFailure(request.platform, cause, context.signal) }
  }
}

/**
 * The outcome that an HTTP status alone tells, for answers whose body says no more. A 5xx may come from a proxy
 * behind which the message was sent: `unknown`; a 503 that names a time was refused on purpose: `retryable`.
 */
export function outcomeOfStatus(
  answer: { status: number; headers: Headers; body: unknown },
  options: { platform: string; now: number; message?: string; code?: string },
): SendOutcome {
  const { status, body: raw } = answer
  const text = options.message ?? `${options.platform} answered ${status}`
  const shared = { status, ...(options.code && { details: { providerCode: options.code } }) }
  if (status === 429) {
    const retryAfterMs = retryAfter(answer.headers, options.now)
    const error = new RateLimitError(text, { ...shared, retryAfterMs, outcome: 'rejected' })
    return { outcome: 'throttled', error, raw }
  }
  if (status === 401 || status === 403) {
    const denied = status === 403 && { code: 'PERMISSION_DENIED' }
    const error = new AuthError(text, { ...shared, ...denied, outcome: 'rejected' })
    return { outcome: 'auth', error, raw }
  }
  const retryAfterMs = retryAfter(answer.headers, options.now)
  if (status === 503 && retryAfterMs !== undefined) {
    const error = new TransientError(text, { ...shared, retryAfterMs, outcome: 'rejected' })
    return { outcome: 'retryable', error, raw }
  }
  // Below 400 the request was taken, by the platform or by somebody who answers with a page.
  if (status >= 500 || status === 408 || status < 400) {
    const error = new TransientError(text, { ...shared, outcome: 'unknown' })
    return { outcome: 'unknown', error, raw }
  }
  const error = new PermanentError(text, { ...shared, code: 'INPUT_INVALID', outcome: 'rejected' })
  return { outcome: 'permanent', error, raw }
}

/** What the answer's headers say about waiting, in milliseconds: `Retry-After`, `X-RateLimit-Reset-After` and their kin. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  return parseRetryHint(headers, { now: () => now })?.delayMs
}

function networkFailure(platform: string, cause: unknown, signal: AbortSignal): NetworkFailure {
  const judged = fromUnknown(cause, { signal, fallback: { kind: 'transient', code: 'NETWORK' } })
  const { code, kind } = judged
  if (judged.outcome === 'not_sent') {
    const error = copyError(judged, { message: `${platform} could not be reached (${code})` })
    return { outcome: kind === 'permanent' ? 'permanent' : 'retryable', error }
  }
  const message = `${platform} did not answer (${code}); the message may have been sent`
  const error = copyError(judged, { kind: 'transient', message, outcome: 'unknown' })
  return { outcome: 'unknown', error }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await readText(response)
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return text
  }
}

async function readText(response: Response): Promise<string> {
  if (!response.body) return ''
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body) {
    bytes += piece.byteLength
    if (bytes > MAX_ANSWER_BYTES) break
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
