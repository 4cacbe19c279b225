import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { RawRequest } from '../raw-request.ts'

/** What Slack posts: events as JSON, interactions as JSON in a form, slash commands as a form. */
export type SlackPayload =
  | { kind: 'event' | 'interaction'; value: JsonObject }
  | { kind: 'command'; value: Record<string, string> }
  | { kind: 'unknown'; value: unknown }

/**
 * Reads the body by its content type.
 *
 * @throws {SyntaxError | TypeError} when it is neither a form nor JSON.
 */
export function slackPayload(request: RawRequest): SlackPayload {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  if (!isForm) {
    const body = request.json()
    const value = asObject(body)
    return value ? { kind: 'event', value } : { kind: 'unknown', value: body }
  }
  const form = Object.fromEntries(new URLSearchParams(request.text()))
  const interaction = form.payload === undefined ? undefined : parseObject(form.payload)
  if (interaction) return { kind: 'interaction', value: interaction }
  return form.command ? { kind: 'command', value: form } : { kind: 'unknown', value: form }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The workspace in which the app is installed; in a shared channel that is not always the sender's. */
export function slackTeam(payload: SlackPayload): string | undefined {
  const value = asObject(payload.value)
  if (!value) return undefined
  const installed = asObject(asArray(value.authorizations)[0])
  return (
    asString(installed?.team_id) ??
    asString(value.team_id) ??
    asString(asObject(value.team)?.id) ??
    asString(asObject(value.enterprise)?.id)
  )
}
