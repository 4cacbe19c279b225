import { describe, expect, test } from 'vitest'
import { AuthError, errors, fromUnknown, IntegrationError, RateLimitError } from '../src/index.ts'

const judge = (thrown: unknown) => {
  const { kind, code, outcome } = fromUnknown(thrown)
  return [kind, code, outcome]
}
const withCode = (code: string) => Object.assign(new Error(`failed: ${code}`), { code })

describe('codes of Node', () => {
  test.each([
    ['ECONNREFUSED', 'transient', 'NETWORK', 'not_sent'],
    ['ENOTFOUND', 'transient', 'NETWORK', 'not_sent'],
    ['EAI_AGAIN', 'transient', 'NETWORK', 'not_sent'],
    ['EHOSTUNREACH', 'transient', 'NETWORK', 'not_sent'],
    ['ENETUNREACH', 'transient', 'NETWORK', 'not_sent'],
    ['ECONNRESET', 'transient', 'NETWORK', 'unknown'],
    ['EPIPE', 'transient', 'NETWORK', 'unknown'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'transient', 'NETWORK', 'unknown'],
    ['ETIMEDOUT', 'transient', 'TIMEOUT', 'unknown'],
    ['ESOCKETTIMEDOUT', 'transient', 'TIMEOUT', 'unknown'],
    ['ABORT_ERR', 'transient', 'ABORTED', 'unknown'],
    ['CERT_HAS_EXPIRED', 'permanent', 'CONFIG_INVALID', 'not_sent'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'permanent', 'CONFIG_INVALID', 'not_sent'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'permanent', 'CONFIG_INVALID', 'not_sent'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'permanent', 'PROTOCOL', 'not_sent'],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'transient', 'NETWORK', 'not_sent'],
    ['HPE_INVALID_CONSTANT', 'permanent', 'PROTOCOL', 'unknown'],
    ['ERR_INVALID_URL', 'permanent', 'CONFIG_INVALID', 'not_sent'],
    ['ENOENT', 'permanent', 'NOT_FOUND', undefined],
    ['EACCES', 'permanent', 'PERMISSION_DENIED', undefined],
    ['EEXIST', 'permanent', 'CONFLICT', undefined],
    ['ENAMETOOLONG', 'permanent', 'INPUT_INVALID', undefined],
    ['ENOSPC', 'transient', 'QUOTA_EXHAUSTED', undefined],
    ['EMFILE', 'transient', 'UNAVAILABLE', undefined],
    ['ERR_INVALID_ARG_TYPE', 'permanent', 'BUG', undefined],
    ['E_SOMETHING_ELSE', 'permanent', 'BUG', undefined],
  ])('%s is %s, %s, %s', (code, kind, expected, outcome) => {
    expect(judge(withCode(code))).toEqual([kind, expected, outcome])
  })

  test('what failed while connecting was not sent, to one address or to several', () => {
    const failure = Object.assign(withCode('ETIMEDOUT'), { syscall: 'connect' })
    const several = Object.assign(new AggregateError([failure, failure]), { code: 'ETIMEDOUT' })
    for (const thrown of [failure, several, new Error('request failed', { cause: several })])
      expect(judge(thrown)).toEqual(['transient', 'TIMEOUT', 'not_sent'])
    const read = Object.assign(withCode('ETIMEDOUT'), { syscall: 'read' })
    expect(judge(read)[2]).toBe('unknown')
  })
})

describe('codes of undici', () => {
  test.each([
    ['UND_ERR_CONNECT_TIMEOUT', 'transient', 'TIMEOUT', 'not_sent'],
    ['UND_ERR_HEADERS_TIMEOUT', 'transient', 'TIMEOUT', 'unknown'],
    ['UND_ERR_BODY_TIMEOUT', 'transient', 'TIMEOUT', 'unknown'],
    ['UND_ERR_SOCKET', 'transient', 'NETWORK', 'unknown'],
    ['UND_ERR_PRX_CONN', 'transient', 'NETWORK', 'not_sent'],
    ['UND_ERR_CLOSED', 'transient', 'NETWORK', 'not_sent'],
    ['UND_ERR_ABORTED', 'transient', 'ABORTED', 'unknown'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'transient', 'NETWORK', 'unknown'],
    ['UND_ERR_HEADERS_OVERFLOW', 'permanent', 'PROTOCOL', 'unknown'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'permanent', 'PROTOCOL', 'unknown'],
    ['UND_ERR_REDIRECT_MAX', 'permanent', 'PROTOCOL', 'unknown'],
    ['UND_ERR_INVALID_ARG', 'permanent', 'BUG', 'not_sent'],
    ['UND_ERR_NOT_SUPPORTED', 'permanent', 'BUG', 'not_sent'],
  ])('%s is %s, %s, %s', (code, kind, expected, outcome) => {
    expect(judge(withCode(code))).toEqual([kind, expected, outcome])
  })
})

describe('aborts and timeouts', () => {
  test('an abort may have come too late', () => {
    expect(judge(new DOMException('stop', 'AbortError'))).toEqual([
      'transient',
      'ABORTED',
      'unknown',
    ])
    expect(judge(AbortSignal.abort().reason)).toEqual(['transient', 'ABORTED', 'unknown'])
  })

  test('a timeout is told from an abort, also as the reason of one', () => {
    const timeout = new DOMException('too slow', 'TimeoutError')
    expect(judge(timeout)[1]).toBe('TIMEOUT')
    const abort = Object.assign(new Error('aborted', { cause: timeout }), { name: 'AbortError' })
    expect(judge(abort)[1]).toBe('TIMEOUT')
  })

  test('the reason given to abort() decides', () => {
    const abort = Object.assign(new Error('aborted'), { name: 'AbortError' })
    abort.cause = errors.rateLimitError('later', 3)
    expect(fromUnknown(abort)).toMatchObject({ kind: 'rate_limit', retryAfterMs: 3000 })
  })

  test.each(['shutting down', new Error('shutting down'), { why: 'x' }, undefined])(
    'any reason is an abort if the signal says so: %s',
    (reason) => {
      const signal = { aborted: true, reason }
      expect(fromUnknown(reason, { signal })).toMatchObject({
        kind: 'transient',
        code: 'ABORTED',
        outcome: 'unknown',
      })
      expect(fromUnknown(reason, { signal: { aborted: false, reason } }).code).toBe('BUG')
      expect(fromUnknown('other', { signal }).code).toBe('BUG')
    },
  )

  test('a reason that says more than abort is believed', () => {
    const { signal } = new AbortController()
    expect(fromUnknown(withCode('ECONNRESET'), { signal }).code).toBe('NETWORK')
    const reason = new DOMException('late', 'TimeoutError')
    expect(fromUnknown(reason, { signal: AbortSignal.abort(reason) }).code).toBe('TIMEOUT')
  })

  test('a read in flight leaves no doubt', () => {
    const options = { method: 'GET' }
    expect(fromUnknown(withCode('ECONNRESET'), options).outcome).toBeUndefined()
    expect(fromUnknown(new DOMException('', 'AbortError'), options).outcome).toBeUndefined()
    expect(fromUnknown(withCode('ECONNREFUSED'), options).outcome).toBe('not_sent')
  })
})

describe('errors that carry an answer', () => {
  test('axios-shaped', () => {
    const thrown = Object.assign(new Error('Request failed with status code 429'), {
      code: 'ERR_BAD_REQUEST',
      config: { method: 'post', headers: { Authorization: 'Bearer secret' } },
      response: { status: 429, headers: { 'retry-after': '7' }, data: { message: 'easy' } },
    })
    expect(fromUnknown(thrown)).toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 7000,
      message: 'HTTP 429 Too Many Requests: easy',
      cause: thrown,
    })
  })

  test('the method of the request is asked for', () => {
    const thrown = { message: 'x', config: { method: 'get' }, response: { status: 502 } }
    expect(fromUnknown(thrown).outcome).toBeUndefined()
    thrown.config.method = 'post'
    expect(fromUnknown(thrown).outcome).toBe('unknown')
  })

  test('a status on the error itself, with its own message', () => {
    const thrown = Object.assign(new Error('No such user'), { status: 404 })
    expect(fromUnknown(thrown)).toMatchObject({
      code: 'NOT_FOUND',
      message: 'No such user',
      status: 404,
    })
    expect(judge(Object.assign(new Error('x'), { statusCode: 503 }))[0]).toBe('transient')
  })

  test('an answer that was thrown itself says what an answer says', () => {
    expect(fromUnknown(new Response(null, { status: 404 })).message).toBe('HTTP 404 Not Found')
    const thrown = { status: 429, headers: { 'retry-after': '3' }, body: { message: 'slow' } }
    expect(fromUnknown(thrown).message).toBe('HTTP 429 Too Many Requests: slow')
  })

  test.each([200, 302, 42, Number.NaN, '404'])('a status of %s means nothing', (status) => {
    expect(judge(Object.assign(new Error('x'), { status }))[1]).toBe('BUG')
  })
})

describe('AWS SDK errors', () => {
  const aws = (name: string, httpStatusCode?: number, more = {}) =>
    Object.assign(new Error(`${name}!`), {
      name,
      $fault: 'client',
      $metadata: { httpStatusCode, requestId: 'R1', attempts: 1 },
      ...more,
    })

  test.each([
    ['SlowDown', 503, 'rate_limit', 'RATE_LIMITED'],
    ['ThrottlingException', 400, 'rate_limit', 'RATE_LIMITED'],
    ['ProvisionedThroughputExceededException', 400, 'rate_limit', 'RATE_LIMITED'],
    ['ExpiredToken', 400, 'auth', 'TOKEN_EXPIRED'],
    ['InvalidAccessKeyId', 403, 'auth', 'CREDENTIAL_INVALID'],
    ['SignatureDoesNotMatch', 403, 'auth', 'CREDENTIAL_INVALID'],
    ['AccessDenied', 403, 'auth', 'PERMISSION_DENIED'],
    ['RequestTimeTooSkewed', 403, 'permanent', 'CONFIG_INVALID'],
    ['PermanentRedirect', 301, 'permanent', 'CONFIG_INVALID'],
    ['NoSuchKey', 404, 'permanent', 'NOT_FOUND'],
    ['NotFound', 404, 'permanent', 'NOT_FOUND'],
    ['NoSuchBucket', 404, 'permanent', 'NOT_FOUND'],
    ['PreconditionFailed', 412, 'permanent', 'CONFLICT'],
    ['ConditionalRequestConflict', 409, 'transient', 'CONFLICT'],
    ['EntityTooLarge', 400, 'permanent', 'INPUT_INVALID'],
    ['RequestTimeout', 400, 'transient', 'TIMEOUT'],
    ['InternalError', 500, 'transient', 'UNAVAILABLE'],
    ['SomethingNew', 403, 'auth', 'PERMISSION_DENIED'],
    ['SomethingNew', 500, 'transient', 'UNAVAILABLE'],
  ])('%s with %i is %s, %s', (name, status, kind, code) => {
    const error = fromUnknown(aws(name, status))
    expect(error).toMatchObject({ kind, code, requestId: 'R1', details: { providerCode: name } })
  })

  test('an unknown name marked as throttling is a rate limit, with the hint of its answer', () => {
    const more = {
      $retryable: { throttling: true },
      $response: { headers: { 'retry-after': '2' } },
    }
    expect(fromUnknown(aws('Weird', 400, more))).toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 2000,
    })
  })

  test('a general name leaves the word to the Code of the answer', () => {
    expect(judge(aws('S3ServiceException', 400, { Code: 'ExpiredToken' }))[1]).toBe('TOKEN_EXPIRED')
  })

  test('a refused race left nothing behind', () => {
    expect(judge(aws('ConditionalRequestConflict', 409))).toEqual([
      'transient',
      'CONFLICT',
      'rejected',
    ])
  })

  test('missing credentials were never sent', () => {
    const thrown = Object.assign(new Error('Could not load credentials'), {
      name: 'CredentialsProviderError',
    })
    expect(judge(thrown)).toEqual(['auth', 'CREDENTIAL_INVALID', 'not_sent'])
  })

  test('without an answer the code of the connection decides', () => {
    expect(judge(aws('Error', undefined, { code: 'ECONNREFUSED' }))[1]).toBe('NETWORK')
    expect(judge(aws('TimeoutError'))[1]).toBe('TIMEOUT')
  })

  test('the same name from somebody else is not AWS', () => {
    expect(judge(Object.assign(new Error('x'), { name: 'AccessDenied' }))[1]).toBe('BUG')
  })
})

describe('the platform', () => {
  test.each(['onDataCallback', 'onEndCallback', 'StreamPipelineError'])(
    'a thrown { type: %s, error } is judged by its error',
    (type) => {
      const thrown = { type, error: withCode('ECONNRESET') }
      expect(fromUnknown(thrown)).toMatchObject({
        kind: 'transient',
        code: 'NETWORK',
        message: `${type}: failed: ECONNRESET`,
        details: { type },
        cause: thrown,
      })
      expect(fromUnknown({ type, error: 'text' })).toMatchObject({
        kind: 'permanent',
        message: `${type}: text`,
      })
    },
  )

  test('plain errors with the names of the wire keep their kind', () => {
    const named = (name: string, message: string) => Object.assign(new Error(message), { name })
    expect(judge(named('AuthError', 'x'))[0]).toBe('auth')
    expect(judge(named('TransientError', 'x'))[0]).toBe('transient')
    expect(fromUnknown(named('RateLimitError', '{"message":"later","remaining":5}'))).toMatchObject(
      {
        kind: 'rate_limit',
        message: 'later',
        retryAfterMs: 5000,
      },
    )
  })
})

describe('what hides inside', () => {
  test('the cause decides and both messages are told', () => {
    const thrown = new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') })
    expect(fromUnknown(thrown)).toMatchObject({
      code: 'NETWORK',
      message: 'fetch failed: failed: ECONNREFUSED',
    })
  })

  test('an error of ours in a cause is found', () => {
    const inner = errors.authError('reconnect', { code: 'TOKEN_EXPIRED', requestId: 'r' })
    const error = fromUnknown(new Error('step 3', { cause: inner }))
    expect(error).toMatchObject({
      kind: 'auth',
      code: 'TOKEN_EXPIRED',
      requestId: 'r',
      message: 'step 3: reconnect',
    })
  })

  test('a chain deeper than five is cut', () => {
    const chain = (depth: number): Error =>
      depth === 0
        ? withCode('ECONNRESET')
        : new Error(`level ${depth}`, { cause: chain(depth - 1) })
    expect(judge(chain(4))[1]).toBe('NETWORK')
    expect(judge(chain(5))[1]).toBe('BUG')
  })

  test('cyclic causes end', () => {
    const one = new Error('one')
    const two = new Error('two', { cause: one })
    one.cause = two
    expect(fromUnknown(one)).toMatchObject({ code: 'BUG', message: 'one' })
    const self = new Error('self')
    self.cause = self
    expect(fromUnknown(self).message).toBe('self')
  })

  test('in an aggregate who needs a person comes first, then the longest wait', () => {
    const reset = withCode('ECONNRESET')
    const limits = [errors.rateLimitError('a', 1), errors.rateLimitError('b', 9)]
    expect(fromUnknown(new AggregateError([reset, ...limits])).message).toBe('b')
    expect(judge(new AggregateError([reset, withCode('ENOENT')]))[1]).toBe('NOT_FOUND')
    expect(judge(new AggregateError([reset, new Error('x')]))[1]).toBe('BUG')
    expect(judge(new AggregateError([]))[1]).toBe('BUG')
  })

  test('aggregates in aggregates end soon', () => {
    let looks = 0
    const nest = (depth: number): unknown => ({
      get errors() {
        looks++
        return Array.from({ length: 10 }, () => nest(depth + 1))
      },
    })
    expect(fromUnknown(nest(0)).code).toBe('BUG')
    expect(looks).toBeLessThanOrEqual(50)
  })

  test('the code of an aggregate of connection attempts is its own', () => {
    const attempts = new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')])
    expect(judge(Object.assign(attempts, { code: 'ECONNREFUSED' }))[1]).toBe('NETWORK')
  })
})

describe('what only words give away', () => {
  test.each([
    'Failed to fetch',
    'Load failed',
    'fetch failed',
    'terminated',
    'NetworkError when attempting to fetch resource.',
  ])('TypeError: %s', (message) => {
    expect(judge(new TypeError(message))).toEqual(['transient', 'NETWORK', 'unknown'])
  })

  test('JSON that does not parse came from the other side', () => {
    let thrown: unknown
    try {
      JSON.parse('<html>')
    } catch (error) {
      thrown = error
    }
    expect(judge(thrown)[1]).toBe('PROTOCOL')
    expect(judge(new SyntaxError('Unexpected identifier'))[1]).toBe('BUG')
  })

  test('the fallback is for what says nothing, alone or inside', () => {
    const fallback = { kind: 'transient', code: 'ACME_HANDLER_FAILED' } as const
    const judgeWith = (thrown: unknown) => fromUnknown(thrown, { fallback })
    expect(judgeWith(new Error('x'))).toMatchObject({ ...fallback, message: 'x' })
    expect(judgeWith('text')).toMatchObject(fallback)
    expect(judgeWith({ type: 't', error: 'x' })).toMatchObject(fallback)
    expect(judgeWith(new AggregateError([new Error('x')]))).toMatchObject(fallback)
    expect(judgeWith(withCode('ENOENT')).code).toBe('NOT_FOUND')
    expect(judgeWith(errors.error('x')).code).toBe('BUG')
  })

  test('a bug stays a bug', () => {
    expect(judge(new TypeError('x is not a function'))).toEqual(['permanent', 'BUG', undefined])
    expect(judge(new RangeError('Maximum call stack size exceeded'))[1]).toBe('BUG')
  })
})

describe('an error of ours', () => {
  test('comes back as it is', () => {
    const error = errors.rateLimitError('later', 5)
    expect(fromUnknown(error)).toBe(error)
    expect(fromUnknown(error, { redact: (text) => text })).toBe(error)
  })

  test('is copied only if the redactor finds something in it', () => {
    const error = errors.authError('key sk-123 refused', {
      details: { key: 'sk-123' },
      status: 401,
    })
    const copy = fromUnknown(error, { redact: (text) => text.replaceAll('sk-123', '***') })
    expect(copy).toBeInstanceOf(AuthError)
    expect(copy).toMatchObject({ message: 'key *** refused', details: { key: '***' }, status: 401 })
    expect(copy.cause).toBe(error)
    expect(Object.keys(copy)).not.toContain('cause')
  })
})

describe('values that fight back', () => {
  const hostile = new Proxy(
    {},
    Object.fromEntries(
      Object.getOwnPropertyNames(Reflect).map((trap) => [
        trap,
        () => {
          throw new Error('trap')
        },
      ]),
    ),
  )
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 42],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['a function', () => {}],
    ['an empty text', ''],
    ['an empty object', {}],
    ['an object without prototype', Object.create(null)],
    ['a Proxy whose every trap throws', hostile],
    ['a revoked Proxy', revoked.proxy],
    [
      'a getter that throws',
      Object.defineProperty({}, 'message', {
        get: () => {
          throw new Error('no')
        },
      }),
    ],
    [
      'an error whose name and message are no texts',
      Object.assign(new Error('x'), { name: 5, message: {} }),
    ],
    ['a forged brand', { [Symbol.for('mortise.integration-error')]: true, kind: 'nonsense' }],
    [
      'hostile parts',
      Object.assign(new Error('x'), {
        cause: hostile,
        response: hostile,
        errors: revoked.proxy,
        issues: hostile,
      }),
    ],
  ])('%s becomes a permanent BUG with a message', (_, thrown) => {
    const error = fromUnknown(thrown)
    expect(error).toBeInstanceOf(IntegrationError)
    expect([error.kind, error.code]).toEqual(['permanent', 'BUG'])
    expect(error.message).not.toBe('')
    expect(() => JSON.stringify(error)).not.toThrow()
  })

  test('a text is the message', () => {
    expect(fromUnknown('it broke').message).toBe('it broke')
  })

  test('an endless chain of causes ends', () => {
    class Endless extends Error {
      override get cause() {
        return new Endless('again')
      }
    }
    expect(fromUnknown(new Endless('first')).code).toBe('BUG')
  })

  test('a redactor that throws does not', () => {
    const redact = () => {
      throw new Error('no')
    }
    expect(fromUnknown(new Error('secret'), { redact }).message).toBe('[redacted]')
    expect(fromUnknown(errors.authError('secret'), { redact }).message).toBe('[redacted]')
  })

  test('instances of other copies and kinds are recognised by their brand', () => {
    expect(fromUnknown(errors.rateLimitError('x'))).toBeInstanceOf(RateLimitError)
  })
})
