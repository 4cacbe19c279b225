import { describe, expect, it } from 'vitest'
import { createSegmentsUploader, segmentsFileName } from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'
import {
  createS3SegmentsUploader,
  createS3SegmentTarget,
  parseSegmentsConfig,
  type SegmentsConfig,
} from '../src/s3/index.ts'
import { profile, setUp } from './memory-uploader.ts'

const noCompose = { ...createMemorySegmentTarget(), capabilities: { conditionalWrites: true } }

describe('the options of an upload', () => {
  it.each([
    [{ idempotencyKey: '' }, /^idempotencyKey: /],
    [{ idempotencyKey: 7 }, /^idempotencyKey: /],
    [{ occurredAt: new Date('never') }, /^occurredAt: /],
    [{ occurredAt: '2026-11-21' }, /^occurredAt: /],
    [{ occurredAt: null }, /^occurredAt: /],
    [{ occurredAt: new Date(8.64e15) }, /^occurredAt: /],
    [{ idempotencyKey: '\ud800' }, /^idempotencyKey: give a text of valid Unicode/],
    [{ signal: {} }, /^signal: /],
    [null, /^options: give an object/],
  ])('%j are refused by name', async (options, message) => {
    const upload = setUp().uploader.upload(profile('u1'), options as object)
    await expect(upload).rejects.toThrow(TypeError)
    await expect(upload).rejects.toThrow(message)
  })

  it('choose the day of an event that comes late', async () => {
    const { uploader } = setUp()
    const occurredAt = new Date('2026-11-20T23:59:59Z')
    await expect(uploader.upload(profile('u1'), { occurredAt })).resolves.toMatchObject({
      key: '2026-11-20_segments.json',
    })
  })
})

describe('options', () => {
  it.each([
    [{ target: {} }, /^target: /],
    [{ target: null }, /^target: /],
    [{ target: noCompose }, /^target: lacks capabilities.compose/],
    [{ signal: {} }, /^signal: give an AbortSignal/],
    [{ maxBatchEvents: 1.5 }, /^maxBatchEvents: received 1.5; give a whole number/],
    [{ paddingBytes: Number.POSITIVE_INFINITY }, /^paddingBytes: received Infinity; give at most/],
    [{ timeZone: 'Nowhere' }, /^timeZone: "Nowhere"/],
    [{ timeZone: 7 }, /^timeZone: received a number; give a string/],
    [{ prefix: {} }, /^prefix: received a object; give a string/],
    [{ fileName: 'day.json' }, /^fileName: received a string; give a function/],
    [{ toEntry: 'smi_uid' }, /^toEntry: /],
    [{ singleWriter: 'yes' }, /^singleWriter: /],
    [{ onDiagnostic: true }, /^onDiagnostic: /],
    [{ now: 7 }, /^now: /],
    [{ random: 0.5 }, /^random: /],
    [{ windowMs: -1 }, /^windowMs: received -1; give a number of at least 0/],
    [{ maxBatchEvents: 0 }, /^maxBatchEvents: /],
    [{ maxEntryBytes: Number.NaN }, /^maxEntryBytes: received NaN/],
    [{ idField: '' }, /^idField: /],
    [{ mode: 'replace' }, /^mode: received "replace"; give one of append, upsert/],
    [{ format: 'csv' }, /^format: /],
    [{ format: 'ndjson', paddingBytes: 1 }, /^paddingBytes: /],
    [{ mode: 'upsert', paddingBytes: 1 }, /^paddingBytes: /],
    [{ maxEntryBytes: 1e9 }, /^maxEntryBytes: received 1000000000; give at most 67108864/],
  ])('%j are refused by name', (options, message) => {
    const target = createMemorySegmentTarget()
    const create = () => createSegmentsUploader({ target, ...(options as object) })
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
  })

  it('that are no object are refused', () => {
    expect(() => createSegmentsUploader(undefined as never)).toThrow(/^options: give an object/)
  })

  it.each([undefined, '', 7, Promise.resolve('day.json')])(
    'that name a file %j never become a key',
    async (name) => {
      const { uploader } = setUp({ fileName: () => name as string })
      await expect(uploader.upload(profile('u1'))).rejects.toThrow(/^fileName: /)
    },
  )

  it('that set no limit to a wait do not end it at once', async () => {
    const target = createMemorySegmentTarget()
    const slow: typeof target = {
      ...target,
      stat: async (request) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return await target.stat(request)
      },
    }
    const uploader = createSegmentsUploader({
      target: slow,
      requestTimeoutMs: Number.POSITIVE_INFINITY,
      commitTimeoutMs: 1,
    })
    await expect(uploader.upload(profile('u1'))).resolves.toMatchObject({ position: 0 })
  })

  it('that fail while they are told something harm nobody', async () => {
    const target = createMemorySegmentTarget()
    const key = segmentsFileName(new Date().toISOString().slice(0, 10))
    await target.put({ key, body: Buffer.from('oops') })
    for (const onDiagnostic of [
      () => {
        throw new Error('the log is full')
      },
      () => Promise.reject(new Error('the log is away')),
    ]) {
      const uploader = createSegmentsUploader({ target, onDiagnostic })
      await expect(uploader.upload(profile('u1'))).resolves.toMatchObject({ duplicate: false })
    }
  })

  it.each([
    [undefined, /^options: /],
    [{}, /^client: /],
    [{ client: { send: () => {} }, bucket: '' }, /^bucket: /],
  ])('of a bucket are refused by name: %j', (options, message) => {
    expect(() => createS3SegmentTarget(options as never)).toThrow(message)
  })

  it('of the plugin are refused field by field, never with their values', () => {
    const parse = () =>
      parseSegmentsConfig({
        aws_access_key_id: '',
        aws_secret_access_key: ['hunter2'],
        s3_bucket: 7,
        s3_endpoint: 'file:///etc/passwd',
        secret: 'hunter2',
      })
    expect(parse).toThrow(
      expect.objectContaining({
        code: 'SEGMENTS_CONFIG_INVALID',
        message: expect.not.stringMatching(/hunter2|passwd/),
      }),
    )
    for (const field of [
      'aws_access_key_id',
      'aws_secret_access_key',
      's3_bucket',
      's3_endpoint',
      'secret',
    ]) {
      expect(parse).toThrow(`${field}: `)
    }
  })

  it.each([
    [{ aws_access_key_id: undefined }, 'aws_access_key_id: it is missing; give letters'],
    [{ aws_access_key_id: 'hunter2 \n' + 'hunter2' }, 'aws_access_key_id: give letters'],
    [{ aws_secret_access_key: 'hunter2\nhunter2' }, 'aws_secret_access_key: give a text without'],
    [{ aws_session_token: ' ' }, 'aws_session_token: give letters'],
    [{ aws_region: 'us east' }, 'aws_region: give a region such as us-east-1'],
    [{ s3_bucket: 'exports/2026' }, 's3_bucket: give the name of a bucket'],
    [{ s3_bucket: '..' }, 's3_bucket: give the name of a bucket'],
    [{ s3_endpoint: 'https://user:hunter2@s3.example.com' }, 's3_endpoint: give an http or https'],
    [{ s3_endpoint: 'https://s3.example.com/?key=hunter2' }, 's3_endpoint: give an http or https'],
    [{ s3_prefix: 'a\nb' }, 's3_prefix: give a text of at most 512 bytes'],
    [{ s3_prefix: 'ü'.repeat(257) }, 's3_prefix: give a text of at most 512 bytes'],
    [{ time_zone: 'Nowhere' }, 'time_zone: give an IANA name such as Europe/Madrid'],
    [{ time_zone: '' }, 'time_zone: give an IANA name such as Europe/Madrid'],
    [{ file_name: 'segments.json' }, 'file_name: give a text with {date} in it'],
    [{ s3_buckt: 'exports' }, 's3_buckt: there is no such field'],
  ])('of the plugin are refused by the name that the user wrote: %j', (change, message) => {
    const config = { aws_access_key_id: 'k', aws_secret_access_key: 's', s3_bucket: 'exports' }
    const error = expect.objectContaining({
      code: 'SEGMENTS_CONFIG_INVALID',
      message: expect.stringContaining(`is not valid. ${message}`),
    })
    const create = () => createS3SegmentsUploader({ ...config, ...change } as SegmentsConfig)
    expect(create).toThrow(error)
    expect(create).not.toThrow('hunter2')
  })

  it.each([undefined, null, 7, 'config', []])('of the plugin that are no object: %j', (config) => {
    expect(() => parseSegmentsConfig(config)).toThrow('is not valid. it: give an object')
  })
})
