/** What goes back over HTTP: always JSON, never a stack. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** The failures of the transport, in the platform's envelope. */
export const transportAnswers = {
  unauthorized: failure(401, 'unauthorized', 'Invalid system token.', {
    'www-authenticate': 'Bearer realm="functions"',
  }),
  notFound: failure(
    404,
    'not_found',
    'There is nothing here. Functions are called with POST /function.',
  ),
  methodNotAllowed: (allow: string) =>
    failure(405, 'method_not_allowed', `Use ${allow} here.`, { allow }),
  notJson: failure(
    415,
    'unsupported_media_type',
    'Send the call as application/json, uncompressed.',
  ),
  tooLarge: (maxBytes: number) =>
    failure(413, 'request_too_large', `The request body exceeded the limit of ${maxBytes} bytes.`, {
      connection: 'close',
    }),
  lengthMissing: failure(400, 'invalid_body', 'The request body broke off.', {
    connection: 'close',
  }),
  authorizationFailed: failure(
    503,
    'authorization_unavailable',
    'The token could not be checked.',
    { 'retry-after': '1' },
  ),
} as const

function failure(
  status: number,
  code: string,
  message: string,
  headers?: Record<string, string>,
): HttpAnswer {
  return { status, body: JSON.stringify({ errors: [{ code, message }] }), headers }
}
