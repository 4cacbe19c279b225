import { isIntegrationError } from '@mortise/errors'
import type { HttpRequestConfig, HttpResponse } from './http-request-config.ts'

/** A rejection in the words of axios. `config`, `response` and `cause` are not enumerable: no log gets them by accident. */
export interface HttpError extends Error {
  code: string
  isAxiosError: true
  status?: number
  response?: HttpResponse
  config: HttpRequestConfig
}

interface HttpErrorFacts {
  config: HttpRequestConfig
  timeoutMs: number
  signal: AbortSignal
  response?: HttpResponse
  cause?: unknown
}

/** Builds the rejection with axios's own messages and codes. */
export function createHttpError(facts: HttpErrorFacts): HttpError {
  const { message, code } = facts.response
    ? describeStatus(facts.response.status)
    : describeFailure(facts)
  const error = new Error(message)
  error.name = 'AxiosError'
  const hidden = { config: facts.config, response: facts.response, cause: facts.cause }
  for (const [key, value] of Object.entries(hidden))
    if (value !== undefined)
      Object.defineProperty(error, key, { value, configurable: true, writable: true })
  return Object.assign(error, {
    code,
    isAxiosError: true as const,
    ...(facts.response && { status: facts.response.status }),
  }) as unknown as HttpError
}

function describeStatus(status: number) {
  const code = status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST'
  return { message: `Request failed with status code ${status}`, code }
}

function describeFailure({ cause, signal, timeoutMs }: HttpErrorFacts) {
  if (signal.aborted) {
    const isTimeout = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
    return isTimeout
      ? { message: `timeout of ${timeoutMs}ms exceeded`, code: 'ECONNABORTED' }
      : { message: 'canceled', code: 'ERR_CANCELED' }
  }
  if (isIntegrationError(cause)) return { message: cause.message, code: 'ERR_BAD_RESPONSE' }
  const failure = (cause as { cause?: { code?: unknown; message?: unknown } } | undefined)?.cause
  if (typeof failure?.code !== 'string') return { message: 'Network Error', code: 'ERR_NETWORK' }
  // What undici calls a closed socket is a reset connection to everybody else.
  const code = failure.code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : failure.code
  const isTold = typeof failure.message === 'string' && failure.message !== ''
  return { message: isTold ? String(failure.message) : 'Network Error', code }
}
