import type { IntegrationError } from '@mortise/errors'
import { permanent, transient } from './download-error.ts'
import type { Limits } from './limits.ts'

/** @throws {PermanentError} FILES_LOCAL_SIZE_EXCEEDED */
export function checkSize(bytes: number, { maxBytes }: Limits): void {
  if (bytes <= maxBytes) return
  throw permanent(`the file is larger than ${maxBytes} bytes, the option maxBytes`, {
    code: 'FILES_LOCAL_SIZE_EXCEEDED',
    details: { maxBytes },
  })
}

/** @throws {TransientError} FILES_LOCAL_BODY_INCOMPLETE */
export function checkComplete(offset: number, total: number | undefined): void {
  if (total === undefined || offset === total) return
  throw transient(`the body ended after ${offset} of ${total} bytes`, {
    code: 'FILES_LOCAL_BODY_INCOMPLETE',
    details: { bytes: offset, totalBytes: total },
  })
}

/** The error for an answer that brings more than it announced: nothing beyond may be written. */
export function overrun(): IntegrationError {
  return transient('the server sends more than it announced', {
    code: 'FILES_LOCAL_PROTOCOL_VIOLATED',
  })
}
