import { describe, expect, test } from 'vitest'
import {
  AuthError,
  fromResponse,
  fromUnknown,
  PermanentError,
  RateLimitError,
} from '../src/index.ts'

const now = () => Date.UTC(2026, 10, 22, 12)

function judge(status: number, headers: Record<string, string> = {}, body: unknown = '') {
  const error = fromResponse({ status, headers, body }, { now })
  return error && [error.kind, error.code, error.outcome]
}

describe('the status map', () => {
  test.each([
    [400, 'permanent', 'INPUT_INVALID', 'rejected'],
    [401, 'auth', 'CREDENTIAL_INVALID', 'rejected'],
    [402, 'permanent', 'QUOTA_EXHAUSTED', 'rejected'],
    [403, 'auth', 'PERMISSION_DENIED', 'rejected'],
    [404, 'permanent', 'NOT_FOUND', 'rejected'],
    [405, 'permanent', 'BUG', 'rejected'],
    [406, 'permanent', 'PROTOCOL', 'rejected'],
    [407, 'permanent', 'CONFIG_INVALID', 'rejected'],
    [408, 'transient', 'TIMEOUT', 'rejected'],
    [409, 'permanent', 'CONFLICT', 'rejected'],
    [410, 'permanent', 'NOT_FOUND', 'rejected'],
    [411, 'permanent', 'PROTOCOL', 'rejected'],
    [412, 'permanent', 'CONFLICT', 'rejected'],
    [413, 'permanent', 'INPUT_INVALID', 'rejected'],
    [414, 'permanent', 'INPUT_INVALID', 'rejected'],
    [415, 'permanent', 'PROTOCOL', 'rejected'],
    [418, 'permanent', 'INPUT_INVALID', 'rejected'],
    [422, 'permanent', 'INPUT_INVALID', 'rejected'],
    [423, 'transient', 'CONFLICT', 'rejected'],
    [425, 'transient', 'UNAVAILABLE', 'rejected'],
    [429, 'rate_limit', 'RATE_LIMITED', 'rejected'],
    [451, 'permanent', 'PERMISSION_DENIED', 'rejected'],
    [500, 'transient', 'UNAVAILABLE', 'unknown'],
    [501, 'permanent', 'PROTOCOL', 'rejected'],
    [502, 'transient', 'UNAVAILABLE', 'unknown'],
    [503, 'transient', 'UNAVAILABLE', 'unknown'],
    [504, 'transient', 'TIMEOUT', 'unknown'],
    [505, 'permanent', 'PROTOCOL', 'rejected'],
    [520, 'transient', 'UNAVAILABLE', 'unknown'],
    [521, 'transient', 'UNAVAILABLE', 'rejected'],
    [522, 'transient', 'TIMEOUT', 'rejected'],
    [523, 'transient', 'NETWORK', 'rejected'],
    [524, 'transient', 'TIMEOUT', 'unknown'],
    [525, 'transient', 'NETWORK', 'rejected'],
    [526, 'transient', 'NETWORK', 'rejected'],
    [527, 'transient', 'NETWORK', 'unknown'],
    [529, 'transient', 'UNAVAILABLE', 'rejected'],
    [599, 'transient', 'UNAVAILABLE', 'unknown'],
    [0, 'transient', 'NETWORK', 'unknown'],
    [999, 'permanent', 'PROTOCOL', 'unknown'],
  ])('%i is %s, %s, %s', (status, kind, code, outcome) => {
    expect(judge(status)).toEqual([kind, code, outcome])
  })

  test.each([100, 200, 201, 204, 206, 299, 301, 304, 399])('%i is no error', (status) => {
    expect(judge(status)).toBeUndefined()
  })
})

describe('401 and 403 are told apart by what the answer says', () => {
  test('a challenge with invalid_token asks for a refresh', () => {
    const challenge = 'Bearer realm="api", error="invalid_token", error_description="expired"'
    expect(judge(401, { 'WWW-Authenticate': challenge })?.[1]).toBe('TOKEN_EXPIRED')
  })

  test('a credential known to be refreshable is expired, not invalid', () => {
    const error = fromResponse({ status: 401 }, { refreshable: true })
    expect(error).toMatchObject({ kind: 'auth', code: 'TOKEN_EXPIRED' })
  })

  test('a challenge with insufficient_scope asks for a scope', () => {
    const challenge = 'Bearer error=insufficient_scope, scope="a b"'
    expect(judge(403, { 'www-authenticate': challenge })).toEqual([
      'auth',
      'INSUFFICIENT_SCOPE',
      'rejected',
    ])
  })

  test.each<[string, Record<string, string>, unknown]>([
    ['no calls left', { 'x-ratelimit-remaining': '0' }, ''],
    ['Retry-After', { 'retry-after': '60' }, ''],
    ['an exhausted RateLimit policy', { ratelimit: '"default";r=0;t=5' }, ''],
    ['words', {}, '{"message":"You have exceeded a secondary rate limit"}'],
    ['a reason', {}, { error: { message: 'Nope', code: 'userRateLimitExceeded' } }],
    ['a reason in a list', {}, [{ message: 'Nope', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]],
  ])('403 with %s is a rate limit', (_, headers, body) => {
    expect(judge(403, headers, body)).toEqual(['rate_limit', 'RATE_LIMITED', 'rejected'])
  })

  test('403 with calls left is a permission', () => {
    const headers = { 'x-ratelimit-remaining': '10', 'x-ratelimit-reset': '60' }
    expect(judge(403, headers)?.[1]).toBe('PERMISSION_DENIED')
  })
})

describe('OAuth answers', () => {
  test.each([
    ['invalid_grant', 'auth', 'CREDENTIAL_INVALID'],
    ['invalid_client', 'auth', 'CREDENTIAL_INVALID'],
    ['unauthorized_client', 'auth', 'CREDENTIAL_INVALID'],
    ['temporarily_unavailable', 'transient', 'UNAVAILABLE'],
    ['slow_down', 'rate_limit', 'RATE_LIMITED'],
    ['invalid_request', 'permanent', 'INPUT_INVALID'],
    ['__proto__', 'permanent', 'INPUT_INVALID'],
    ['constructor', 'permanent', 'INPUT_INVALID'],
  ])('400 with error %s is %s, %s', (name, kind, code) => {
    expect(judge(400, {}, JSON.stringify({ error: name }))?.slice(0, 2)).toEqual([kind, code])
  })

  test.each([404, 409, 429])('%i means what it means whatever the body says', (status) => {
    expect(judge(status, {}, '{"error":"invalid_grant"}')).toEqual(judge(status))
  })

  test('a failing token endpoint never looks like a dead grant', () => {
    expect(judge(503, {}, '{"error":"invalid_grant"}')?.[0]).toBe('transient')
  })
})

describe('waiting', () => {
  test('429 and 503 carry the hint', () => {
    const headers = { 'retry-after': 'Sun, 22 Nov 2026 12:00:09 GMT' }
    expect(fromResponse({ status: 429, headers }, { now })?.retryAfterMs).toBe(9000)
    expect(fromResponse({ status: 503, headers }, { now })?.retryAfterMs).toBe(9000)
  })

  test('503 with a hint was declined, without one nobody knows', () => {
    expect(judge(503, { 'retry-after': '1' })?.[2]).toBe('rejected')
    expect(judge(503)?.[2]).toBe('unknown')
  })

  test('what time does not heal carries no hint', () => {
    expect(
      fromResponse({ status: 404, headers: { 'retry-after': '5' } })?.retryAfterMs,
    ).toBeUndefined()
  })

  test('a declared body field is read from the body', () => {
    const error = fromResponse(
      { status: 429, body: '{"parameters":{"retry_after":3}}' },
      { retryHints: [{ bodyPath: 'parameters.retry_after', unit: 'seconds' }] },
    )
    expect(error).toMatchObject({ kind: 'rate_limit', retryAfterMs: 3000 })
  })
})

test('after a safe method nothing is in doubt', () => {
  expect(fromResponse({ status: 502 }, { method: 'get' })?.outcome).toBeUndefined()
  expect(fromResponse({ status: 502 }, { method: 'POST' })?.outcome).toBe('unknown')
  expect(fromResponse({ status: 429 }, { method: 'GET' })?.outcome).toBe('rejected')
})

describe('answers of any client', () => {
  test('a fetch Response keeps its body unread', async () => {
    const response = new Response('{"message":"gone"}', {
      status: 410,
      headers: { 'cf-ray': 'r1' },
    })
    const error = fromResponse(response)
    expect(error).toMatchObject({ message: 'HTTP 410 Gone', requestId: 'r1' })
    expect(response.bodyUsed).toBe(false)
    expect(fromResponse(response, { body: await response.json() })?.message).toBe(
      'HTTP 410 Gone: gone',
    )
  })

  test('undici and got say statusCode, axios says data', () => {
    expect(fromResponse({ statusCode: 404, headers: {}, body: 'nothing' })?.message).toBe(
      'HTTP 404 Not Found: nothing',
    )
    expect(fromResponse({ status: 404, data: { message: 'nothing' } })?.message).toBe(
      'HTTP 404 Not Found: nothing',
    )
  })

  test('a response without a status is a mistake of the caller', () => {
    expect(() => fromResponse({} as never)).toThrow(TypeError)
    expect(() => fromResponse(undefined as never)).toThrow(/numeric "status"/)
    expect(() => fromResponse({ status: '404' } as never)).toThrow(TypeError)
  })
})

describe('the message, in whichever shape the body has it', () => {
  test.each<[string, unknown, string]>([
    ['RFC 9457', '{"type":"about:blank","title":"Bad","detail":"No such field"}', 'No such field'],
    ['OAuth', '{"error":"invalid_request","error_description":"Missing code"}', 'Missing code'],
    ['a message', { message: 'Missing' }, 'Missing'],
    ['a nested message', { error: { message: 'Missing', type: 'x' } }, 'Missing'],
    ['JSON:API', { errors: [{ title: 'Bad', detail: 'Missing name' }] }, 'Missing name'],
    ['GraphQL', { errors: [{ message: 'Missing name' }] }, 'Missing name'],
    ['a list of texts', { errors: ['Missing name'] }, 'Missing name'],
    ['a text for all errors', { errors: 'Missing name' }, 'Missing name'],
    ['Rails', { errors: { base: ['Missing name'] } }, 'Missing name'],
    ['Django', { non_field_errors: ['Missing name'] }, 'Missing name'],
    ['a list (Salesforce)', [{ message: 'Missing', errorCode: 'REQUIRED_FIELD' }], 'Missing'],
    [
      'Telegram',
      { ok: false, description: 'Bad Request: chat not found' },
      'Bad Request: chat not found',
    ],
    [
      'XML of S3',
      '<?xml version="1.0"?><Error><Code>X</Code><Message>Missing</Message></Error>',
      'Missing',
    ],
    ['HTML', '<!doctype html><html><head><title>Oops</title></head></html>', 'Oops'],
    ['text', 'Missing\n\n   name', 'Missing name'],
    ['JSON text', '"Missing"', 'Missing'],
    ['broken JSON', '{"message":', '{"message":'],
    ['bytes', new TextEncoder().encode('{"message":"Missing"}'), 'Missing'],
    ['a part of bytes', new TextEncoder().encode('xx{"message":"Missing"}').subarray(2), 'Missing'],
    ['an ArrayBuffer', new TextEncoder().encode('{"message":"Missing"}').buffer, 'Missing'],
  ])('%s', (_, body, message) => {
    expect(fromResponse({ status: 400, body })?.message).toBe(`HTTP 400 Bad Request: ${message}`)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty text', ''],
    ['an empty object', {}],
    ['a list', []],
    ['a stream', new ReadableStream()],
    ['more than 256 KiB', 'x'.repeat(300_000)],
    ['more than 256 KiB of bytes', new Uint8Array(300_000)],
    ['a number', 7],
  ])('%s leaves the status alone', (_, body) => {
    expect(fromResponse({ status: 400, body })?.message).toBe('HTTP 400 Bad Request')
  })

  test('is one bounded line', () => {
    const error = fromResponse({
      status: 400,
      body: `a\r\nSet-Cookie: x\u0000\u2028${'y'.repeat(5000)}`,
    })
    expect(error?.message).toMatch(/^HTTP 400 Bad Request: a Set-Cookie: x y+…$/)
    expect(error?.message.length).toBe(1000)
  })

  test('the code and the id of the provider are kept', () => {
    const body = { error: { message: 'm', code: 'resource_missing' }, request_id: 'req_1' }
    expect(fromResponse({ status: 404, body })).toMatchObject({
      requestId: 'req_1',
      details: { providerCode: 'resource_missing' },
    })
  })
})

describe('rules of a provider', () => {
  const rules = [
    { status: 200, body: { path: 'ok', value: false }, kind: 'permanent', code: 'INPUT_INVALID' },
    {
      status: [400, 422],
      body: { path: 'error.subcode', value: [190, 463] },
      kind: 'auth',
      code: 'TOKEN_EXPIRED',
    },
    { status: '4xx', header: { name: 'X-Blocked', value: 'QUOTA' }, kind: 'rate_limit' },
    { status: 404, messageIncludes: 'already gone', kind: 'none' },
    { status: '5xx', header: { name: 'x-final' }, kind: 'permanent' },
  ] as const

  const judgeWith = (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
    fromResponse({ status, headers, body }, { rules })

  test('a 200 that says it failed is an error', () => {
    expect(judgeWith(200, '{"ok":false,"error":"bad channel"}')).toMatchObject({
      kind: 'permanent',
      code: 'INPUT_INVALID',
      message: 'HTTP 200 Error in the Body: bad channel',
    })
    expect(judgeWith(200, '{"ok":true}')).toBeUndefined()
  })

  test('the body decides', () => {
    expect(judgeWith(400, { error: { subcode: 463 } })).toBeInstanceOf(AuthError)
    expect(judgeWith(400, { error: { subcode: 1 } })).toBeInstanceOf(PermanentError)
  })

  test('a header decides, and the hint comes along', () => {
    const error = judgeWith(418, '', { 'x-blocked': 'quota', 'retry-after': '8' })
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 8000 })
    expect(judgeWith(418, '', { 'x-blocked': 'QUOTA' })).toBeInstanceOf(RateLimitError)
    expect(judgeWith(418, '', { 'x-blocked': 'other' })).toBeInstanceOf(PermanentError)
  })

  test('words decide, and an error can be none', () => {
    expect(judgeWith(404, { message: 'It is ALREADY GONE.' })).toBeUndefined()
    expect(judgeWith(404, { message: 'What?' })?.code).toBe('NOT_FOUND')
  })

  test('a present header is enough without a value', () => {
    expect(judgeWith(500, '', { 'x-final': '' })?.kind).toBe('transient')
    expect(judgeWith(500, '', { 'x-final': '1' })?.kind).toBe('permanent')
  })

  test('a rule of no kind is a mistake of the caller', () => {
    const rules = [{ kind: 'fatal' as never }]
    expect(() => fromResponse({ status: 400 }, { rules })).toThrow(/"kind" of a rule .* got fatal/)
    expect(fromUnknown({ status: 400 }, { rules })).toMatchObject({
      code: 'BUG',
      message: expect.stringMatching(/could not judge .* got fatal/),
    })
  })

  test('a body that throws when it is asked has nothing at any path', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const rules = [{ body: { path: 'a' }, kind: 'permanent' }] as const
    expect(fromResponse({ status: 200, body: proxy }, { rules })).toBeUndefined()
  })

  test('paths see own members only', () => {
    const error = fromResponse(
      { status: 200, body: '{}' },
      { rules: [{ body: { path: 'constructor.name' }, kind: 'permanent' }] },
    )
    expect(error).toBeUndefined()
  })
})

describe('secrets', () => {
  const secret = 'sk-live-0123456789'
  const redact = (text: string) => text.replaceAll(secret, '***')

  test('leave neither in the message nor in the id nor in the details', () => {
    const body = { error: { message: `Bad key ${secret}`, code: secret }, request_id: secret }
    const error = fromResponse({ status: 400, body }, { redact })
    expect(error?.message).toBe('HTTP 400 Bad Request: Bad key ***')
    expect(JSON.stringify(error)).not.toContain(secret)
  })

  test.each([
    [
      'https://user:pass@api.example.com/v1?key=abc#x failed',
      'https://api.example.com/v1?… failed',
    ],
    ['got Authorization: Bearer abcdefghijklmnop1234', 'got Authorization: Bearer [redacted]'],
    ['access_token=abc&x=1', 'access_token=[redacted]&x=1'],
    ['Basic authentication required', 'Basic authentication required'],
  ])('credentials are masked even without a redactor: %s', (body, expected) => {
    expect(fromResponse({ status: 400, body })?.message).toBe(`HTTP 400 Bad Request: ${expected}`)
  })

  test('a redactor that throws or answers nothing hides everything', () => {
    const broken = () => {
      throw new Error('no')
    }
    const error = fromResponse({ status: 400, body: secret }, { redact: broken })
    expect(error?.message).toBe('[redacted]')
    expect(
      fromResponse({ status: 400, body: secret }, { redact: () => undefined as never })?.message,
    ).toBe('[redacted]')
  })
})
