import { type DiagnosticCode, parseManifest } from '@mortise/manifest'
import { describe, expect, it } from 'vitest'
import { changed, documentedText } from './sample-documents.ts'

// biome-ignore lint/suspicious/noExplicitAny: documents are bent in every way
type Change = (document: any) => void

function codes(text: string, dialect: 'strict' | 'legacy' = 'strict') {
  return parseManifest(text, { dialect }).diagnostics.map(
    ({ code, path }) => `${code} ${path.join('.')}`,
  )
}

const oauth = 'authentication.oauth_access_fields'

const ERRORS: [
  example: string,
  what: string,
  change: Change,
  code: DiagnosticCode,
  path: string,
][] = [
  ['asana', 'a missing name', (d) => delete d.name, 'MANIFEST_PROPERTY_MISSING', 'name'],
  [
    'asana',
    'an app_id with capitals',
    (d) => {
      d.app_id = 'My App'
    },
    'MANIFEST_VALUE_INVALID',
    'app_id',
  ],
  [
    'asana',
    'a colour by name',
    (d) => {
      d.color = 'red'
    },
    'MANIFEST_VALUE_INVALID',
    'color',
  ],
  [
    'asana',
    'a number as a name',
    (d) => {
      d.name = 5
    },
    'MANIFEST_TYPE_INVALID',
    'name',
  ],
  [
    'asana',
    'an unknown property',
    (d) => {
      d.nmae = 'x'
    },
    'MANIFEST_PROPERTY_UNKNOWN',
    'nmae',
  ],
  [
    'asana',
    'a missing language',
    (d) => delete d.description.en,
    'MANIFEST_LOCALE_MISSING',
    'description.en',
  ],
  [
    'asana',
    'a blank language',
    (d) => {
      d.description.en = ' '
    },
    'MANIFEST_LOCALE_MISSING',
    'description.en',
  ],
  [
    'asana',
    'a link that is none',
    (d) => {
      d.website = 'asana'
    },
    'MANIFEST_URL_INVALID',
    'website',
  ],
  [
    'asana',
    'no environment',
    (d) => {
      d.api_base_uri = {}
    },
    'MANIFEST_ENVIRONMENT_MISSING',
    'api_base_uri',
  ],
  [
    'asana',
    'two defaults',
    (d) => {
      d.api_base_uri.sandbox = { ...d.api_base_uri.production }
    },
    'MANIFEST_ENVIRONMENT_DEFAULT_DUPLICATE',
    'api_base_uri.sandbox.default',
  ],
  [
    'asana',
    'no default of two',
    (d) => {
      delete d.api_base_uri.production.default
      d.api_base_uri.sandbox = { ...d.api_base_uri.production }
    },
    'MANIFEST_ENVIRONMENT_DEFAULT_MISSING',
    'api_base_uri',
  ],
  [
    'asana',
    'a base URI with a password',
    (d) => {
      d.api_base_uri.production.uri = 'https://a:b@c.com'
    },
    'MANIFEST_URL_INVALID',
    'api_base_uri.production.uri',
  ],
  [
    'asana',
    'a placeholder for nothing',
    (d) => {
      d.api_base_uri.production.uri = 'https://{site}.com'
    },
    'MANIFEST_PLACEHOLDER_UNKNOWN',
    'api_base_uri.production.uri',
  ],
  [
    'asana',
    'an unknown type',
    (d) => {
      d.authentication.type = 'oauth2'
    },
    'MANIFEST_VALUE_INVALID',
    'authentication.type',
  ],
  [
    'asana',
    'no type',
    (d) => delete d.authentication.type,
    'MANIFEST_PROPERTY_MISSING',
    'authentication.type',
  ],
  [
    'asana',
    'a javascript: address',
    (d) => {
      d.authentication.oauth_access_fields.authorize_url = 'javascript:alert(1)'
    },
    'MANIFEST_URL_INVALID',
    `${oauth}.authorize_url`,
  ],
  [
    'asana',
    'no authorize_url',
    (d) => delete d.authentication.oauth_access_fields.authorize_url,
    'MANIFEST_PROPERTY_MISSING',
    `${oauth}.authorize_url`,
  ],
  [
    'asana',
    'a committed secret',
    (d) => {
      d.authentication.oauth_access_fields.client_secret = 's3cr3t-value'
    },
    'MANIFEST_SECRET_COMMITTED',
    `${oauth}.client_secret`,
  ],
  [
    'asana',
    'no secret',
    (d) => delete d.authentication.oauth_access_fields.client_secret,
    'MANIFEST_PROPERTY_MISSING',
    `${oauth}.client_secret`,
  ],
  [
    'asana',
    'an unknown placement',
    (d) => {
      d.authentication.oauth_access_fields.access_token_placement = 'header'
    },
    'MANIFEST_PROPERTY_MISSING',
    `${oauth}.access_token_header`,
  ],
  [
    'asana',
    'a parameter name without query placement',
    (d) => {
      d.authentication.oauth_access_fields.access_token_on_query_string_replacement = 'token'
    },
    'MANIFEST_PROPERTY_CONFLICT',
    `${oauth}.access_token_on_query_string_replacement`,
  ],
  [
    'jira',
    'a reserved parameter',
    (d) => {
      d.authentication.query_string.state = 'x'
    },
    'MANIFEST_QUERY_RESERVED',
    'authentication.query_string.state',
  ],
  [
    'asana',
    'a whole address to ping',
    (d) => {
      d.authentication.ping_request.method_name = 'https://evil.com/x'
    },
    'MANIFEST_URL_INVALID',
    'authentication.ping_request.method_name',
  ],
  [
    'asana',
    'a ping to nowhere',
    (d) => {
      d.authentication.ping_request = {}
    },
    'MANIFEST_PROPERTY_MISSING',
    'authentication.ping_request.method_name',
  ],
  [
    'asana',
    'a ping with two paths',
    (d) => {
      d.authentication.ping_request.path = '/x'
    },
    'MANIFEST_PROPERTY_CONFLICT',
    'authentication.ping_request.path',
  ],
  [
    'asana',
    'a body on GET',
    (d) => {
      d.authentication.ping_request.body = {}
    },
    'MANIFEST_PROPERTY_CONFLICT',
    'authentication.ping_request.body',
  ],
  [
    'asana',
    'an expectation without a path',
    (d) => {
      d.authentication.ping_request.expect = { equals: 1 }
    },
    'MANIFEST_PROPERTY_MISSING',
    'authentication.ping_request.expect.path',
  ],
  [
    'zendesk',
    'an unknown placeholder in the format',
    (d) => {
      d.authentication.basic_auth_format = '{usernmae}:{password}'
    },
    'MANIFEST_PLACEHOLDER_UNKNOWN',
    'authentication.basic_auth_format',
  ],
  [
    'zendesk',
    'a format without the user',
    (d) => {
      d.authentication.basic_auth_format = '{password}'
    },
    'MANIFEST_PLACEHOLDER_MISSING',
    'authentication.basic_auth_format',
  ],
  [
    'zendesk',
    'an unknown mapping',
    (d) => {
      d.authentication.fields[1].mapping = 'user'
    },
    'MANIFEST_MAPPING_INVALID',
    'authentication.fields.1.mapping',
  ],
  [
    'zendesk',
    'a mapping used twice',
    (d) => {
      d.authentication.fields[2].mapping = 'username'
    },
    'MANIFEST_MAPPING_DUPLICATE',
    'authentication.fields.2.mapping',
  ],
  [
    'zendesk',
    'no user name',
    (d) => {
      d.authentication.fields.pop()
      d.authentication.fields[1].mapping = 'password'
    },
    'MANIFEST_MAPPING_MISSING',
    'authentication.fields',
  ],
  [
    'zendesk',
    'two fields of one name',
    (d) => {
      d.authentication.fields[2].name = 'email'
    },
    'MANIFEST_FIELD_DUPLICATE',
    'authentication.fields.2.name',
  ],
  [
    'zendesk',
    'a name with capitals',
    (d) => {
      d.authentication.fields[2].name = 'apiToken'
    },
    'MANIFEST_VALUE_INVALID',
    'authentication.fields.2.name',
  ],
  [
    'zendesk',
    'min above max',
    (d) => d.authentication.fields[0].validations.push({ name: 'max_length', value: 2 }),
    'MANIFEST_VALIDATION_CONTRADICTORY',
    'authentication.fields.0.validations',
  ],
  [
    'zendesk',
    'a rule stated twice',
    (d) => d.authentication.fields[0].validations.push({ name: 'min_length', value: 3 }),
    'MANIFEST_VALIDATION_DUPLICATE',
    'authentication.fields.0.validations.1',
  ],
  [
    'zendesk',
    'a negative length',
    (d) => {
      d.authentication.fields[0].validations[0].value = -1
    },
    'MANIFEST_VALUE_INVALID',
    'authentication.fields.0.validations.0.value',
  ],
  [
    'zendesk',
    'a pattern that is none',
    (d) => {
      d.authentication.fields[0].pattern = '('
    },
    'MANIFEST_PATTERN_INVALID',
    'authentication.fields.0.pattern',
  ],
  [
    'zendesk',
    'a pattern that looks ahead',
    (d) => {
      d.authentication.fields[0].pattern = '^(?=a)a$'
    },
    'MANIFEST_PATTERN_INVALID',
    'authentication.fields.0.pattern',
  ],
  [
    'zendesk',
    'a default outside its list',
    (d) => {
      Object.assign(d.authentication.fields[0], { enum: ['a'], default: 'b' })
    },
    'MANIFEST_DEFAULT_INVALID',
    'authentication.fields.0.default',
  ],
  [
    'agendor',
    'Host as a mapping',
    (d) => {
      d.authentication.fields[0].mapping = 'Host'
    },
    'MANIFEST_MAPPING_INVALID',
    'authentication.fields.0.mapping',
  ],
  [
    'agendor',
    'Content-Length as a mapping',
    (d) => {
      d.authentication.fields[0].mapping = 'content-length'
    },
    'MANIFEST_MAPPING_INVALID',
    'authentication.fields.0.mapping',
  ],
  [
    'agendor',
    'a line break in a header name',
    (d) => {
      d.authentication.fields[0].mapping = 'X-A\r\nB'
    },
    'MANIFEST_MAPPING_INVALID',
    'authentication.fields.0.mapping',
  ],
  [
    'agendor',
    'a line break in a static header',
    (d) => {
      d.authentication.request = { headers: { 'X-A': 'b\r\nc: d' } }
    },
    'MANIFEST_VALUE_INVALID',
    'authentication.request.headers.X-A',
  ],
  [
    'agendor',
    'prefix and format at once',
    (d) => {
      d.authentication.fields[0].mapping_format = 'x={value}'
    },
    'MANIFEST_PROPERTY_CONFLICT',
    'authentication.fields.0.prefix',
  ],
  [
    'agendor',
    'a format without {value}',
    (d) => {
      d.authentication.fields[0].mapping_format = 'x'
      delete d.authentication.fields[0].prefix
    },
    'MANIFEST_PLACEHOLDER_MISSING',
    'authentication.fields.0.mapping_format',
  ],
  [
    'agendor',
    'an unclosed {base64(',
    (d) => {
      d.authentication.request = { headers: { 'X-A': '{base64({token}' } }
    },
    'MANIFEST_TEMPLATE_INVALID',
    'authentication.request.headers.X-A',
  ],
  [
    'agendor',
    'no fields',
    (d) => {
      d.authentication.fields = []
    },
    'MANIFEST_VALUE_INVALID',
    'authentication.fields',
  ],
]

const WARNINGS: [
  example: string,
  what: string,
  change: Change,
  code: DiagnosticCode,
  path: string,
][] = [
  [
    'asana',
    'a short description',
    (d) => {
      d.description.en = 'Too short.'
    },
    'MANIFEST_DESCRIPTION_LENGTH',
    'description.en',
  ],
  [
    'asana',
    'a single environment that is not marked',
    (d) => delete d.api_base_uri.production.default,
    'MANIFEST_ENVIRONMENT_DEFAULT_IMPLIED',
    'api_base_uri.production',
  ],
  [
    'asana',
    'default: false',
    (d) => {
      d.api_base_uri.sandbox = { ...d.api_base_uri.production, default: false }
    },
    'MANIFEST_ENVIRONMENT_DEFAULT_FALSE',
    'api_base_uri.sandbox.default',
  ],
  [
    'asana',
    'http',
    (d) => {
      d.api_base_uri.production.uri = 'http://api.asana.com'
    },
    'MANIFEST_URL_INSECURE',
    'api_base_uri.production.uri',
  ],
  [
    'asana',
    'a private address',
    (d) => {
      d.api_base_uri.production.uri = 'https://10.0.0.1/'
    },
    'MANIFEST_URL_PRIVATE',
    'api_base_uri.production.uri',
  ],
  [
    'asana',
    'a token in the query',
    (d) => {
      d.authentication.oauth_access_fields.access_token_placement = 'query_string'
    },
    'MANIFEST_TOKEN_IN_QUERY',
    `${oauth}.access_token_placement`,
  ],
  [
    'agendor',
    'a prefix that ends with a space',
    (d) => {
      d.authentication.fields[0].prefix = 'Token '
    },
    'MANIFEST_PREFIX_SPACE',
    'authentication.fields.0.prefix',
  ],
  [
    'agendor',
    'a field that goes nowhere',
    (d) => d.authentication.fields.push({ name: 'x', label: 'X', type: 'text' }),
    'MANIFEST_FIELD_UNUSED',
    'authentication.fields.1',
  ],
]

describe('strict diagnostics', () => {
  it.each(ERRORS)('%s with %s is one error', (example, _what, change, code, path) => {
    const text = changed(example, change)
    const parsed = parseManifest(text)
    expect(parsed.ok).toBe(false)
    expect(codes(text)).toEqual([`${code} ${path}`])
    expect(parsed.diagnostics[0]?.hint).toBeTruthy()
  })

  it.each(WARNINGS)('%s with %s is one warning', (example, _what, change, code, path) => {
    const text = changed(example, change)
    expect(parseManifest(text).ok).toBe(true)
    expect(codes(text)).toEqual([`${code} ${path}`])
  })

  it('answers all findings in the order of the text, with line and column', () => {
    const text = '{\n  "app_id": "x y",\n  "name": "",\n  "nmae": 1,\n  "name": "N"\n}'
    const { diagnostics } = parseManifest(text)
    const places = diagnostics.filter(({ code }) => code !== 'MANIFEST_PROPERTY_MISSING')
    expect(places.map(({ code, line, column, length }) => [code, line, column, length])).toEqual([
      ['MANIFEST_VALUE_INVALID', 2, 13, 5],
      ['MANIFEST_PROPERTY_UNKNOWN', 4, 3, 6],
      ['MANIFEST_KEY_DUPLICATE', 5, 3, 6],
    ])
  })

  it('a stub lists every key that is missing', () => {
    expect(codes('{"app_id": "piperun", "name": "PipeRun"}')).toEqual(
      ['color', 'description', 'website', 'signup_url', 'api_base_uri', 'authentication'].map(
        (key) => `MANIFEST_PROPERTY_MISSING ${key}`,
      ),
    )
  })

  it('never shows the value of a secret', () => {
    const text = changed('asana', (d) => {
      d.authentication.oauth_access_fields.client_secret = 'hush-hush-0815'
    })
    expect(JSON.stringify(parseManifest(text).diagnostics)).not.toContain('hush-hush-0815')
  })

  it.each([
    ['nothing', '', 'MANIFEST_JSON_INVALID'],
    ['a word', 'nonsense', 'MANIFEST_JSON_INVALID'],
    ['a list', '[]', 'MANIFEST_TYPE_INVALID'],
    ['null', 'null', 'MANIFEST_TYPE_INVALID'],
    ['a comma too many', '{"a": 1,}', 'MANIFEST_TRAILING_COMMA'],
    ['a comment', '{} // c', 'MANIFEST_COMMENT_PRESENT'],
    ['a byte order mark', '\uFEFF{}', 'MANIFEST_BYTE_ORDER_MARK'],
    ['a key twice', '{"a":1,"a":2}', 'MANIFEST_KEY_DUPLICATE'],
    ['a __proto__ key', '{"__proto__": {"a": 1}}', 'MANIFEST_PROPERTY_UNKNOWN'],
    ['1,000 lists', `${'['.repeat(1000)}${']'.repeat(1000)}`, 'MANIFEST_TOO_DEEP'],
    ['1,000 open objects', `{"a":`.repeat(1000), 'MANIFEST_TOO_DEEP'],
    ['10 MB', `{"a": "${'x'.repeat(10_000_000)}"}`, 'MANIFEST_TOO_LARGE'],
  ])('reads %s', (_what, text, code) => {
    const { ok, diagnostics } = parseManifest(text)
    expect(ok).toBe(false)
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code)
  })

  it('a __proto__ key pollutes nothing', () => {
    parseManifest('{"__proto__": {"polluted": 1}, "description": {"__proto__": {"polluted": 1}},}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([[undefined], [5], [{}]])('a text that is %j is the caller’s mistake', (text) => {
    expect(() => parseManifest(text as unknown as string)).toThrow(TypeError)
  })

  it('an unknown dialect is the caller’s mistake', () => {
    expect(() => parseManifest('{}', { dialect: 'loose' as 'strict' })).toThrow(/dialect/)
  })
})

describe('the legacy dialect', () => {
  it('reads a documented example as the strict one does', () => {
    const text = documentedText('asana')
    expect(parseManifest(text, { dialect: 'legacy' })).toEqual(parseManifest(text))
  })

  it.each<[string, Change, string[], Change]>([
    [
      'ping_request.method',
      (d) => {
        d.authentication.ping_request = { method: '/ping' }
      },
      ['MANIFEST_PROPERTY_DEPRECATED authentication.ping_request.method'],
      (m) => expect(m.authentication.ping_request).toEqual({ method_name: '/ping' }),
    ],
    [
      'ping_request.method as a verb',
      (d) => {
        d.authentication.ping_request = { uri: '/ping', method: 'post' }
      },
      [
        'MANIFEST_PROPERTY_DEPRECATED authentication.ping_request.uri',
        'MANIFEST_PROPERTY_DEPRECATED authentication.ping_request.method',
      ],
      (m) =>
        expect(m.authentication.ping_request).toEqual({
          http_method: 'POST',
          method_name: '/ping',
        }),
    ],
    [
      'an empty ping_request',
      (d) => {
        d.authentication.ping_request = {}
      },
      ['MANIFEST_PROPERTY_DEPRECATED authentication.ping_request'],
      (m) => expect(m.authentication.ping_request).toBeUndefined(),
    ],
    [
      'status',
      (d) => {
        d.authentication.status = { field: 'msg', value: 'ok' }
      },
      ['MANIFEST_PROPERTY_DEPRECATED authentication.status'],
      (m) => expect(m.authentication.ping_request.expect).toEqual({ path: 'msg', equals: 'ok' }),
    ],
    [
      'version',
      (d) => {
        d.version = '0.0.1'
      },
      ['MANIFEST_PROPERTY_DEPRECATED version'],
      (m) => expect(m.version).toBeUndefined(),
    ],
    [
      'redirect_uri',
      (d) => {
        d.authentication.oauth_access_fields.redirect_uri = 'https://x.com'
      },
      ['MANIFEST_PROPERTY_DEPRECATED authentication.oauth_access_fields.redirect_uri'],
      (m) => expect(m.authentication.oauth_access_fields.redirect_uri).toBeUndefined(),
    ],
    [
      'a committed placeholder',
      (d) => {
        d.authentication.oauth_access_fields.client_secret = 'client_secret'
      },
      ['MANIFEST_SECRET_COMMITTED authentication.oauth_access_fields.client_secret'],
      () => {},
    ],
    [
      'an unknown property',
      (d) => {
        d.authentication.tutorial = { link: {} }
      },
      ['MANIFEST_PROPERTY_UNKNOWN authentication.tutorial'],
      (m) => expect(m.authentication.tutorial).toBeUndefined(),
    ],
    [
      'authorize parameters among the access fields',
      (d) => {
        d.authentication.oauth_access_fields.audience = 'x'
      },
      ['MANIFEST_PROPERTY_MISPLACED authentication.oauth_access_fields.audience'],
      (m) => expect(m.authentication.query_string).toEqual({ audience: 'x' }),
    ],
    [
      'no colour and no site',
      (d) => {
        delete d.color
        delete d.website
      },
      ['MANIFEST_PROPERTY_MISSING color', 'MANIFEST_PROPERTY_MISSING website'],
      (m) => expect(m.color).toBe('#000000'),
    ],
  ])('upgrades %s', (_what, change, expected, check) => {
    const parsed = parseManifest(changed('asana', change), { dialect: 'legacy' })
    expect(parsed.diagnostics.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(
      expected,
    )
    expect(parsed.ok).toBe(true)
    check(parsed.manifest)
  })

  it('upgrades type and fields that stand inside ping_request', () => {
    const text = changed('magento', (d) => {
      d.authentication = { ping_request: { method_name: '/login', ...d.authentication } }
    })
    const parsed = parseManifest(text, { dialect: 'legacy' })
    expect(parsed.ok && parsed.manifest.authentication.type).toBe('pass_through_query_string')
    expect(parsed.ok && parsed.manifest.authentication.fields).toHaveLength(3)
  })

  it('lives with camelCase names, comments, tabs and trailing commas', () => {
    const text = changed('zendesk', (d) => {
      d.authentication.fields[2].name = 'apiToken'
    })
    const parsed = parseManifest(
      `${text.replace('"name"', '// the name\n\t"name"').slice(0, -1)},}`,
      { dialect: 'legacy' },
    )
    expect(parsed.ok).toBe(true)
    expect(parsed.diagnostics.every(({ severity }) => severity === 'warning')).toBe(true)
  })

  it('still refuses a stub', () => {
    expect(parseManifest('{"app_id": "x", "name": "X"}', { dialect: 'legacy' }).ok).toBe(false)
  })
})
