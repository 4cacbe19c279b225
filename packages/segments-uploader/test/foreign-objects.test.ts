import { describe, expect, it } from 'vitest'
import { createSegmentsCompactor, createSegmentsUploader } from '../src/index.ts'
import { KEY, NOON, profile, setUp } from './memory-uploader.ts'

const DAY = '2026-11-21'
const journal = { delivery: 'journal', compactEveryMs: Number.POSITIVE_INFINITY } as const

describe('a journal object that somebody else put there', () => {
  it.each([
    'null\n',
    '[]\n',
    '[null,"x"]\n',
    '[1,"x",{}]\n',
    '["short","x",{}]\n',
    '[null,"x",{},{}]\n',
    '[null,"x",null]\n',
    '[null,"x",7]\n',
    '[ null,"x",{"smi_uid":"x"}]\n',
    '[null,"\\u0078",{"smi_uid":"x"}]\n',
    '[null,"x",{"smi_uid":"x"}] \n',
    '[null,"x",{"smi_uid":"\xff"}]\n',
    '[null,"x",{"smi_uid":"x"}]',
  ])('and that no writer wrote is named and left alone: %j', async (text) => {
    const { target, uploader, diagnostics } = setUp(journal)
    await uploader.upload(profile('u1'))
    const key = `${KEY}.journal/planted`
    await target.put({ key, body: Buffer.from(text, 'latin1') })
    await uploader.close()
    expect(target.read(KEY)).toBe('{"profiles":[{"smi_uid":"u1","segments":["a"]}]}')
    expect(diagnostics).toMatchObject([{ code: 'SEGMENTS_JOURNAL_UNREADABLE', key }])
    expect(target.read(key)).toBeDefined()
  })
})

describe('a journal', () => {
  it('is not read further than where an endless object turns out to be none', async () => {
    const { target } = setUp()
    let read = 0
    const endless = async function* () {
      for (;;) {
        read += 1
        yield Buffer.alloc(1024 * 1024)
      }
    }
    const key = `${KEY}.journal/planted`
    await target.put({ key, body: Buffer.from('x') })
    const get = async () => ({ etag: 'v1', sizeBytes: 1, body: endless() })
    const options = { target: { ...target, get }, now: () => NOON }
    const done = createSegmentsCompactor(options).compact(DAY)
    await expect(done).resolves.toEqual({ objects: 0, profiles: 0 })
    expect(read).toBeLessThan(200)
  })

  it('is folded once without a window for keys, too, when a compactor dies before it removes', async () => {
    const options = { ...journal, idempotencyWindow: 0, now: () => NOON }
    const { target, uploader } = setUp(options)
    await uploader.upload(profile('u1'))
    const dying = { ...target, delete: () => Promise.reject(new TypeError('killed')) }
    const first = createSegmentsCompactor({ ...options, target: dying }).compact(DAY)
    await expect(first).rejects.toThrow('killed')
    await createSegmentsCompactor({ ...options, target }).compact(DAY)
    expect(target.read(KEY)).toBe('{"profiles":[{"smi_uid":"u1","segments":["a"]}]}')
  })
})

describe('a ledger that somebody damaged', () => {
  it.each([
    'null',
    '7',
    '{}',
    '',
    '{"previous":"HERE","keys":""}',
    '{"previous":"HERE","keys":"AAAAAAAAAAAAAAAA 1 odd"}',
  ])('is named and gone on without: %j', async (text) => {
    const { target, uploader } = setUp()
    await uploader.upload(profile('u1'), { idempotencyKey: 'e1' })
    for await (const entry of target.list({ prefix: `${KEY}.ledger/` })) {
      if (entry.kind !== 'object') continue
      const body = text.replace('HERE', entry.key.split('/').at(-1) ?? '')
      await target.put({ key: entry.key, body: Buffer.from(body) })
    }
    const codes: string[] = []
    const onDiagnostic = ({ code }: { code: string }) => void codes.push(code)
    const next = createSegmentsUploader({ target, now: () => NOON, onDiagnostic })
    const receipt = next.upload(profile('u2'), { idempotencyKey: 'e2' })
    await expect(receipt).resolves.toMatchObject({ position: 1 })
    expect(codes).toEqual(['SEGMENTS_LEDGER_MISSING'])
  })
})
