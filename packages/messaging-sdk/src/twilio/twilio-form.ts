import type { RawRequest } from '../raw-request.ts'

/** The fields of a webhook. */
export type TwilioForm = Record<string, string>

/** The fields of the form; a JSON body, of another Twilio product, has none. */
export function twilioForm(request: RawRequest): TwilioForm {
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/json')) return {}
  return Object.fromEntries(new URLSearchParams(request.text()))
}

/** What was posted, for an event that keeps it: the form, the JSON value, or the text as it is. */
export function twilioBody(request: RawRequest): unknown {
  const form = twilioForm(request)
  if (Object.keys(form).length > 0) return form
  try {
    return request.json() ?? null
  } catch {
    return request.text()
  }
}
