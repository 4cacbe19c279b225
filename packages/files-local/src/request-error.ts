import {
  fromResponse,
  type IntegrationError,
  isIntegrationError,
  PermanentError,
} from '@mortise/errors'
import { type DownloadErrorCode, permanent, transient } from './download-error.ts'
import type { ResponseHead } from './response-receiver.ts'

/** What undici and Node say about connections, in our words. */
const CODES: Record<string, [code: DownloadErrorCode, message: string]> = {
  UND_ERR_CONNECT_TIMEOUT: ['FILES_LOCAL_TIMED_OUT', 'the connection was not made in time'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: [
    'FILES_LOCAL_BODY_INCOMPLETE',
    'the body is shorter or longer than its length says',
  ],
  UND_ERR_SOCKET: ['FILES_LOCAL_BODY_INCOMPLETE', 'the server closed the connection'],
  ECONNRESET: ['FILES_LOCAL_BODY_INCOMPLETE', 'the connection was reset'],
  EPIPE: ['FILES_LOCAL_BODY_INCOMPLETE', 'the connection was reset'],
  ENOTFOUND: ['FILES_LOCAL_CONNECTION_FAILED', 'the host name is unknown'],
  EAI_AGAIN: ['FILES_LOCAL_CONNECTION_FAILED', 'the host name could not be resolved'],
  ECONNREFUSED: ['FILES_LOCAL_CONNECTION_FAILED', 'the server refused the connection'],
  UND_ERR_HEADERS_OVERFLOW: ['FILES_LOCAL_PROTOCOL_VIOLATED', 'the response headers are too large'],
}

/** Turns whatever a request failed with into one error of ours. */
export function toRequestError(error: unknown): IntegrationError {
  if (isIntegrationError(error)) return error
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  const code = codeOf(error)
  if (name === 'AbortError') {
    return permanent('the download was aborted', { code: 'FILES_LOCAL_ABORTED', cause: error })
  }
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined
  if (known !== undefined) return transient(known[1], { code: known[0], cause: error })
  if (name === 'HTTPParserError') {
    return transient(`the server does not speak HTTP: ${message}`, {
      code: 'FILES_LOCAL_PROTOCOL_VIOLATED',
      cause: error,
    })
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_/.test(code)) {
    return permanent(`the certificate of the server is not trusted: ${message}`, {
      code: 'FILES_LOCAL_CERTIFICATE_REFUSED',
      cause: error,
    })
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return downloaderClosed(error)
  }
  // Nothing of the network: a fault of this package or of an injected part, which no other try heals.
  if (code === '') return new PermanentError(message, { cause: error })
  return transient(`the request failed: ${message}`, {
    code: 'FILES_LOCAL_CONNECTION_FAILED',
    cause: error,
  })
}

/** The error for a download whose connections have been closed. */
export function downloaderClosed(cause?: unknown): IntegrationError {
  return permanent('the downloader is closed', { code: 'FILES_LOCAL_ABORTED', cause })
}

/** A `DOMException` has a number where Node has a word. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

/** The error for an answer that is no file; from a status of 400 on it is classified by `fromResponse`. */
export function statusRefused(exchange: ResponseHead, body: string): IntegrationError {
  const { status } = exchange
  return (
    fromResponse({ ...exchange, body }, { method: 'GET' }) ??
    permanent(`the server answered ${status}, which brings no file`, {
      code: 'FILES_LOCAL_STATUS_REFUSED',
      status,
    })
  )
}
