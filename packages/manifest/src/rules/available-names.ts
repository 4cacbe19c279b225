import { listOf, objectOf, textOf } from './rule.ts'

/** Names that templates may use, by place. */
export interface AvailableNames {
  /** The fields, and what a token answer or a callback is declared to leave behind. */
  fields: ReadonlySet<string>
  /** Also the access token, for what every request carries. */
  request: ReadonlySet<string>
  /** Also the client, for token requests. */
  token: ReadonlySet<string>
}

/** Which names stand for something in this document. */
export function availableNames(document: Readonly<Record<string, unknown>>): AvailableNames {
  const authentication = objectOf(document.authentication)
  const oauth = objectOf(authentication.oauth_access_fields)
  const steps = listOf(authentication.token_requests).map(objectOf)
  const captures = [
    objectOf(oauth.token_response).capture,
    oauth.redirect_capture,
    objectOf(authentication.token_response).capture,
    ...steps.map(({ capture }) => capture),
  ]
  const fields = new Set([
    ...listOf(authentication.fields).flatMap((field) => textOf(objectOf(field).name) ?? []),
    ...captures.flatMap((capture) => Object.keys(objectOf(capture))),
  ])
  const hasToken = authentication.type === 'oauth_2' || authentication.type === 'two_step'
  return {
    fields,
    request: new Set([...fields, ...(hasToken ? ['access_token'] : [])]),
    token: new Set([...fields, 'client_id', 'client_secret', 'refresh_token']),
  }
}
