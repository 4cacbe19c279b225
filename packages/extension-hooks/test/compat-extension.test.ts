import { inherits } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type CompatConfiguration, type CompatFailure, Extension } from '../src/compat/index.ts'

type Callback = (error: unknown, result?: unknown) => void

const load = (config: unknown, extension: Extension = new Extension()) => {
  let error: unknown = 'not called back'
  extension.loadConfiguration(config as CompatConfiguration, (...parameters) => {
    error = parameters[0]
  })
  return error as { code: string; message: string } | undefined
}
const call = (extension: Extension, extensionOptions: object | undefined, options: unknown = {}) =>
  new Promise<{ error: CompatFailure | null; result: unknown }>((resolve) => {
    extension.callFunction(options, extensionOptions, (error, result) =>
      resolve({ error: error as CompatFailure | null, result }),
    )
  })
const withDiy = (diy: object) => {
  const extension = new Extension()
  load({ diy }, extension)
  return extension
}

describe('loadConfiguration', () => {
  const nothing = { code: 'missing_parameter', message: 'Options parameter is not provided.' }
  it.each([
    [undefined, nothing],
    [null, nothing],
    [{}, nothing],
    [[], nothing],
    [
      { other: 1 },
      {
        code: 'missing_required_field',
        message: 'Either DIY or connectors field needs to be set.',
      },
    ],
    [
      { diy: {}, connectors: { a: {} } },
      {
        code: 'invalid_configuration',
        message: 'The configuration object should only have one of the diy or connectors field.',
      },
    ],
    [
      { connectors: {} },
      { code: 'invalid_field', message: 'No connector modules provided in the connectors field.' },
    ],
    [
      { connectors: [] },
      { code: 'invalid_field', message: 'No connector modules provided in the connectors field.' },
    ],
  ])('refuses %j', (config, expected) => {
    expect(load(config)).toMatchObject(expected)
  })

  it.each([
    [{ diy: {} }],
    [{ diy: 'text' }],
    [{ diy: () => undefined }],
    [{ connectors: { a: {} } }],
  ])('accepts %j', (config) => {
    expect(load(config)).toBeUndefined()
  })

  it('keeps the configurations of two instances apart', async () => {
    const first = withDiy({ name: (_: unknown, done: Callback) => done(null, 'first') })
    const second = new Extension()
    load(
      { connectors: { c: { name: (_: unknown, done: Callback) => done(null, 'second') } } },
      second,
    )
    expect((await call(first, { diy: true, function: 'name' })).result).toBe('first')
    expect((await call(second, { _connectorId: 'c', function: 'name' })).result).toBe('second')
  })

  it('asks a subclass made with util.inherits for more rules', () => {
    function Strict(this: Extension) {
      ;(Extension as unknown as () => void).call(this)
    }
    inherits(Strict, Extension)
    Strict.prototype.validateConfigurationSpecifics = (
      config: { secret?: string },
      done: Callback,
    ) => done(config.secret ? undefined : new Error('no secret'))
    const create = () => new (Strict as unknown as new () => Extension)()
    expect(load({ diy: {} }, create())).toMatchObject({ message: 'no secret' })
    expect(load({ diy: {}, secret: 'x' }, create())).toBeUndefined()
  })
})

describe('callFunction', () => {
  const functionMissing = {
    code: 'missing_required_field',
    message: 'Missing required field function in the extension options.',
  }
  const optionsMissing = {
    code: 'missing_required_field',
    message: "Function options haven't been provided.",
  }

  it('lists every problem of a call in the order of the contract', async () => {
    const { error } = await call(withDiy({}), {}, '')
    expect(error).toEqual({
      statusCode: 422,
      errors: [
        {
          code: 'missing_required_field',
          message: 'Need to set either the diy or _connectorId field in extension options.',
        },
        functionMissing,
        optionsMissing,
      ],
    })
  })

  it.each([
    [
      { diy: true, function: 5 },
      'invalid_field',
      'The function field in the extension options must be of type string.',
    ],
    [
      { _connectorId: 'x', function: 'f' },
      'invalid_field',
      "The _connectorId set in the extension options does't match any of the _connectorId's present in extension configuration.",
    ],
    [
      { diy: true, type: 'hook', function: 'f' },
      'object_not_found',
      "The object hook doesn't exist in the module.",
    ],
    [
      { diy: true, type: 'Custom', function: 'f' },
      'object_not_found',
      "The object Custom doesn't exist in the module.",
    ],
    [
      { diy: true, function: 'missing' },
      'invalid_function',
      "The function passed in the extension options doesn't map to a function.",
    ],
    [
      { diy: true, function: 'text' },
      'invalid_function',
      "The function passed in the extension options doesn't map to a function.",
    ],
  ])('answers %j with %s', async (extensionOptions, code, message) => {
    const { error } = await call(withDiy({ text: 'not a function' }), extensionOptions)
    expect(error).toEqual({ statusCode: 422, errors: [{ code, message }] })
  })

  it('says that diy is not configured when connectors are', async () => {
    const extension = new Extension()
    load({ connectors: { a: {} } }, extension)
    expect((await call(extension, { diy: true, function: 'f' })).error?.errors).toEqual([
      {
        code: 'missing_required_field',
        message: 'DIY is not configured in the extension configuration.',
      },
    ])
  })

  it.each([
    ['hook', 'hooks'],
    ['wrapper', 'wrappers'],
    ['setting', 'settings'],
    ['utility', 'utilities'],
    ['installer', 'installer'],
    ['hooks', 'hooks'],
    ['anything', 'anything'],
  ])('type %s means the group %s', async (type, group) => {
    const extension = withDiy({ [group]: { f: (_: unknown, done: Callback) => done(null, group) } })
    expect((await call(extension, { diy: true, type, function: 'f' })).result).toBe(group)
  })

  it('prefers the code of an error over its name', async () => {
    const extension = withDiy({
      coded: (_: unknown, done: Callback) =>
        done(Object.assign(new Error('bad'), { code: 'my_code' })),
      plain: (_: unknown, done: Callback) => done(new RangeError('far')),
    })
    expect((await call(extension, { diy: true, function: 'coded' })).error?.errors).toEqual([
      { code: 'my_code', message: 'bad' },
    ])
    expect((await call(extension, { diy: true, function: 'plain' })).error?.errors).toEqual([
      { code: 'RangeError', message: 'far' },
    ])
  })

  it('turns the two instants of a delta export into Dates, and leaves empty ones', async () => {
    let seen: Record<string, unknown> = {}
    const extension = withDiy({
      f: (options: Record<string, unknown>, done: Callback) => {
        seen = options
        done(null, 1)
      },
    })
    await call(
      extension,
      { diy: true, function: 'f' },
      { lastExportDateTime: '2026-01-02T03:04:05Z', currentExportDateTime: 0 },
    )
    expect(seen).toEqual({
      lastExportDateTime: new Date('2026-01-02T03:04:05Z'),
      currentExportDateTime: 0,
    })
  })

  it('calls a method of a class with its instance as this', async () => {
    class Hooks {
      prefix = 'hello '
      greet(options: { name: string }, done: Callback) {
        done(null, this.prefix + options.name)
      }
    }
    const { result } = await call(
      withDiy({ hooks: new Hooks() }),
      { diy: true, type: 'hook', function: 'greet' },
      { name: 'you' },
    )
    expect(result).toBe('hello you')
  })

  it('calls async functions, which the original refuses', async () => {
    const extension = withDiy({
      f: async () => 'done',
      g: async (_: unknown, done: Callback) => done(null, 'called back'),
    })
    expect((await call(extension, { diy: true, function: 'f' })).result).toBe('done')
    expect((await call(extension, { diy: true, function: 'g' })).result).toBe('called back')
  })

  it('fails the call when a function throws, instead of throwing out of the host', async () => {
    const extension = withDiy({
      f: () => {
        throw new TypeError('oops')
      },
    })
    expect((await call(extension, { diy: true, function: 'f' })).error?.errors).toEqual([
      { code: 'TypeError', message: 'oops' },
    ])
  })

  it('calls back before a configuration was loaded and without extension options', async () => {
    expect((await call(new Extension(), { diy: true, function: 'f' })).error?.statusCode).toBe(422)
    expect((await call(new Extension(), undefined)).error?.errors).toHaveLength(2)
  })

  it('adds the errors of validateOptionsSpecifics and insists on an array', async () => {
    const extension = withDiy({})
    extension.validateOptionsSpecifics = () => [{ code: 'extra', message: 'one more' }]
    expect((await call(extension, { diy: true })).error?.errors).toEqual([
      functionMissing,
      { code: 'extra', message: 'one more' },
    ])
    extension.validateOptionsSpecifics = () => undefined as never
    expect(() => extension.callFunction({}, { diy: true }, () => undefined)).toThrow(
      'validateOptionsSpecifics is expected to return an array.',
    )
  })

  it('limits an answer to 5 MiB, or to what the caller says when that is less', async () => {
    const extension = withDiy({
      f: ({ size }: { size: number }, done: Callback) => done(null, 'x'.repeat(size - 2)),
    })
    const ask = (size: number, maxResponseSize?: unknown) =>
      call(extension, { diy: true, function: 'f', maxResponseSize }, { size })
    const limit = 5 * 1024 * 1024
    expect((await ask(limit)).error).toBeNull()
    expect((await ask(limit + 1)).error?.errors).toEqual([
      {
        code: 'response_size_exceeded',
        message: 'response stream exceeded limit of 5242880 bytes.',
      },
    ])
    expect((await ask(12, 11)).error?.errors[0]?.message).toBe(
      'response stream exceeded limit of 11 bytes.',
    )
    expect((await ask(limit + 1, 1e9)).error?.errors[0]?.message).toBe(
      'response stream exceeded limit of 5242880 bytes.',
    )
  })

  it('lets the caller raise the limit only with the original preset', async () => {
    const extension = new Extension()
    load(
      {
        diy: { f: (_: unknown, done: Callback) => done(null, 'x'.repeat(6e6)) },
        preset: 'original',
      },
      extension,
    )
    expect(
      (await call(extension, { diy: true, function: 'f', maxResponseSize: 1e9 })).error,
    ).toBeNull()
    expect((await call(extension, { diy: true, function: 'f' })).error?.statusCode).toBe(422)
  })
})
