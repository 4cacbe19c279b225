import { type IntegrationError, isIntegrationError, toProblem } from '@mortise/errors'
import { Errors } from 'moleculer'
import type { RawResponse } from '../raw-request.ts'

/** Our errors as Moleculer's, with the HTTP status that a gateway answers. */
export function moleculerError(error: unknown): unknown {
  if (error instanceof TypeError) {
    return new Errors.MoleculerClientError(error.message, 400, 'MESSAGING_INPUT_INVALID')
  }
  if (!isIntegrationError(error)) return error
  const status = statusOf(error)
  const data = error.toJSON()
  return status >= 500
    ? new Errors.MoleculerServerError(error.message, status, error.code, data)
    : new Errors.MoleculerClientError(error.message, status, error.code, data)
}

/** What a refused webhook is answered with; the reason stays in our logs. */
export function refusedWebhook({ status }: RawResponse): Error {
  return status >= 500
    ? new Errors.MoleculerServerError('The webhook was not stored', status, 'WEBHOOK_NOT_STORED')
    : new Errors.MoleculerClientError('The webhook was refused', status, 'WEBHOOK_REFUSED')
}

function statusOf(error: IntegrationError): number {
  if (error.code === 'PERMISSION_DENIED') return 403
  if (error.code === 'MESSAGING_CHANNEL_UNKNOWN') return 404
  return toProblem(error).status
}
