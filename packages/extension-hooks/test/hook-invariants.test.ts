import { describe, expect, it } from 'vitest'
import { checkHookInput, checkHookOutput } from '../src/hook-invariants.ts'
import type { HookKind } from '../src/index.ts'

const error = { code: 'c', message: 'm' }
const data = [1, 2]
const inputs: Partial<Record<HookKind, Record<string, unknown>>> = {
  preSavePage: { data, retryData: { known: {} } },
  preMap: { data },
  postMap: { preMapData: data, postMapData: data },
  postSubmit: { responseData: data },
  postResponseMap: { postResponseMapData: data },
  import: { postMapData: data },
  export: { state: { page: 1 } },
}
const page = (element: unknown) => [{ statusCode: 200 }, element]
const map = (element: unknown) => [{ data: 1 }, element]

const good: [HookKind, unknown][] = [
  ['preMap', map({})],
  ['preMap', map({ data: null })],
  ['preMap', map({ data: 1, errors: [error] })],
  ['preMap', map({ errors: null })],
  ['postMap', map({ errors: [] })],
  [
    'postSubmit',
    page({
      statusCode: 403,
      errors: [{ ...error, source: 's', retryDataKey: 'k' }],
      ignored: true,
    }),
  ],
  ['postSubmit', page({ statusCode: 401 })],
  ['postResponseMap', [{}, null]],
  ['import', page({ statusCode: 401, errors: [error] })],
  ['import', page({ statusCode: 200, id: '1', errors: [error] })],
  ['preSavePage', { data: [] }],
  [
    'preSavePage',
    {
      data: [1, 2, 3],
      errors: [{ ...error, retryDataKey: 'known' }],
      abort: true,
      newErrorsAndRetryData: [{ retryData: 1, errors: [error] }],
    },
  ],
  ['export', { data: [1], state: { page: 2 } }],
  ['export', { data: [1], state: { page: 1 }, lastPage: true }],
  ['export', { data: [], state: { page: 1 } }],
  ['export', { connectionOffline: true }],
  ['ping', { statusCode: 200 }],
  ['ping', { statusCode: 401, errors: [error] }],
  ['formInit', {}],
  ['preSave', { a: 1 }],
  ['initChild', { name: 'child' }],
  ['postAggregate', undefined],
  ['step', 'anything'],
  ['update', null],
  ['changeEdition', undefined],
]

const bad: [HookKind, unknown, string][] = [
  ['preMap', undefined, 'preMap returned nothing; expected an array of 2, one element a record'],
  ['preMap', {}, 'preMap returned an object; expected an array of 2, one element a record'],
  ['preMap', [{}], 'preMap returned 1 element for 2 records (first missing: index 1)'],
  ['preMap', [{}, {}, {}], 'preMap returned 3 elements for 2 records (first extra: index 2)'],
  [
    'preMap',
    map(null),
    'preMap returned null at index 1; expected { data }, { errors }, both or {}',
  ],
  [
    'preMap',
    map([1]),
    'preMap returned an array at index 1; expected { data }, { errors }, both or {}',
  ],
  [
    'preMap',
    map({ id: 1 }),
    'preMap returned the member "id" at index 1; only data and errors are read, so wrap the record as { data: record }',
  ],
  [
    'postMap',
    map({ errors: 'no' }),
    'postMap returned a string as errors at index 1; expected an array',
  ],
  [
    'postMap',
    map({ errors: [error, { code: 'c' }] }),
    'postMap returned errors[1] at index 1 without a code and a message; expected { code, message, source }',
  ],
  [
    'postMap',
    map({ errors: [{ code: '', message: 'm' }] }),
    'postMap returned errors[0] at index 1 without a code and a message; expected { code, message, source }',
  ],
  [
    'postSubmit',
    page('ok'),
    'postSubmit returned a string at index 1; expected an object with a statusCode',
  ],
  [
    'postSubmit',
    page({ statusCode: 500 }),
    'postSubmit returned the statusCode 500 at index 1; expected one of 200, 401, 403, 422',
  ],
  [
    'postSubmit',
    page({ statusCode: 200, ignored: 'yes' }),
    'postSubmit returned a string as ignored at index 1; expected true or false',
  ],
  [
    'postResponseMap',
    [{}],
    'postResponseMap returned 1 element for 2 records (first missing: index 1)',
  ],
  ['postResponseMap', [{}, undefined], 'postResponseMap has nothing at index 1; expected a record'],
  [
    'import',
    page({ statusCode: '200' }),
    'import returned the statusCode a string at index 1; expected one of 200, 401, 422',
  ],
  [
    'import',
    page({}),
    'import returned the statusCode nothing at index 1; expected one of 200, 401, 422',
  ],
  [
    'preSavePage',
    [],
    'preSavePage returned an array; expected { data, errors, abort, newErrorsAndRetryData }',
  ],
  ['preSavePage', { data: {} }, 'preSavePage returned an object as data; expected an array'],
  [
    'preSavePage',
    { data, abort: 'yes' },
    'preSavePage returned a string as abort in the answer; expected true or false',
  ],
  [
    'preSavePage',
    { data, errors: [{ ...error, retryDataKey: 'toString' }] },
    'preSavePage returned the retryDataKey a string in errors[0], which is no key of options.retryData',
  ],
  [
    'preSavePage',
    { data, newErrorsAndRetryData: {} },
    'preSavePage returned an object as newErrorsAndRetryData; expected an array',
  ],
  [
    'preSavePage',
    { data, newErrorsAndRetryData: [1] },
    'preSavePage returned a number in newErrorsAndRetryData[0]; expected { retryData, errors }',
  ],
  [
    'preSavePage',
    { data, newErrorsAndRetryData: [{ errors: [] }] },
    'preSavePage returned no retryData in newErrorsAndRetryData[0]; expected the record to retry',
  ],
  [
    'preSavePage',
    { data, newErrorsAndRetryData: [{ retryData: 1 }] },
    'preSavePage returned nothing as errors in newErrorsAndRetryData[0]; expected an array',
  ],
  [
    'export',
    null,
    'export returned null; expected { data, errors, lastPage, state, connectionOffline }',
  ],
  ['export', {}, 'export returned nothing as data; expected an array'],
  [
    'export',
    { data: [], lastPage: 1 },
    'export returned a number as lastPage in the answer; expected true or false',
  ],
  [
    'export',
    { data: [1], state: { page: 1 } },
    'export returned records with the state it was given and without lastPage; the next call would be the same again, so return a new state or lastPage: true',
  ],
  ['ping', {}, 'ping returned the statusCode nothing; expected 200 or 401'],
  [
    'ping',
    { statusCode: 401 },
    'ping returned 401 without errors; expected at least one { code, message }',
  ],
  [
    'ping',
    { statusCode: 401, errors: [] },
    'ping returned 401 without errors; expected at least one { code, message }',
  ],
  ['formInit', undefined, 'formInit returned nothing; expected an object'],
  ['preSave', [], 'preSave returned an array; expected an object'],
  ['initChild', 'child', 'initChild returned a string; expected an object'],
]

describe('checkHookOutput', () => {
  it.each(good)('accepts %s %j', (kind, output) => {
    expect(checkHookOutput(kind, output, inputs[kind] ?? {})).toBeUndefined()
  })

  it.each(bad)('refuses %s %j', (kind, output, message) => {
    expect(checkHookOutput(kind, output, inputs[kind] ?? {})).toBe(message)
  })

  it('lets a test export and a lookup return records without a state: they are called once', () => {
    expect(checkHookOutput('export', { data }, { type: 'test' })).toBeUndefined()
    expect(checkHookOutput('export', { data }, { data: [{}] })).toBeUndefined()
    expect(checkHookOutput('export', { data }, {})).toContain('without lastPage')
  })
})

describe('checkHookInput', () => {
  it.each<[HookKind, unknown, string]>([
    ['preMap', 'text', 'preMap needs options to be an object; received a string'],
    ['preMap', {}, 'preMap needs options.data to be an array; received nothing'],
    [
      'postMap',
      { postMapData: {} },
      'postMap needs options.postMapData to be an array; received an object',
    ],
    ['import', { data: [] }, 'import needs options.postMapData to be an array; received nothing'],
  ])('refuses %s %j', (kind, input, message) => {
    expect(checkHookInput(kind, input)).toBe(message)
  })
})
