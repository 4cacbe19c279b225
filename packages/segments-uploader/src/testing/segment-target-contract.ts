import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SegmentTarget } from '../segment-target.ts'
import { isConditionRefused, isObjectMissing } from '../segments-errors.ts'
import { createSegmentsUploader } from '../segments-uploader.ts'
import { composeChecks } from './compose-checks.ts'
import type { ContractCheck, DefineCheck } from './contract-check.ts'
import { collect, text } from './contract-kit.ts'

/** What is put to the test. */
export interface SegmentTargetContractOptions {
  /** Makes the target of one check. It may be over the same store each time: every check has a prefix of its own. */
  readonly create: () => SegmentTarget | Promise<SegmentTarget>
}

/**
 * What the uploader needs of a target, as checks for any test runner:
 * `for (const check of segmentTargetContract({ create })) it(check.name, check.run)`.
 */
export function segmentTargetContract({ create }: SegmentTargetContractOptions): ContractCheck[] {
  const checks: ContractCheck[] = []
  const define: DefineCheck = (name, run) => {
    checks.push({
      name,
      run: async () => {
        const target = await create()
        const prefix = `contract-${randomUUID()}/`
        try {
          await run({ target, prefix })
        } finally {
          for await (const entry of target.list({ prefix })) {
            if (entry.kind === 'object') await target.delete({ key: entry.key })
          }
        }
      },
    })
  }
  readChecks(define)
  conditionChecks(define)
  listChecks(define)
  composeChecks(define)
  uploaderChecks(define)
  return checks
}

const bytes = (content: string) => Buffer.from(content)

function readChecks(define: DefineCheck): void {
  define(
    'get answers the bytes, the version, the size and the metadata of a put',
    async ({ target, prefix }) => {
      const key = `${prefix}a`
      const metadata = { 'segments-state': 'l.1.2', 'segments-writers': 'w.1.0' }
      const { etag } = await target.put({
        key,
        body: bytes('content'),
        metadata,
        mediaType: 'application/json',
      })
      const found = await target.get({ key })
      assert.equal(await text(found.body), 'content')
      assert.equal(found.etag, etag)
      assert.equal(found.sizeBytes, 7)
      assert.deepEqual({ ...found.metadata }, metadata)
      const known = await target.stat({ key })
      assert.deepEqual([known?.etag, known?.sizeBytes], [etag, 7])
      assert.deepEqual({ ...known?.metadata }, metadata)
    },
  )
  define('put stores a stream whose size is told', async ({ target, prefix }) => {
    const key = `${prefix}stream`
    const stream = async function* () {
      yield bytes('one ')
      yield bytes('two')
    }
    await target.put({ key, body: stream(), sizeBytes: 7 })
    assert.equal(await text((await target.get({ key })).body), 'one two')
  })
  define('get of a range answers it and the size of the whole', async ({ target, prefix }) => {
    const key = `${prefix}range`
    await target.put({ key, body: bytes('0123456789') })
    const middle = await target.get({ key, range: { start: 2, end: 4 } })
    assert.deepEqual([await text(middle.body), middle.sizeBytes], ['234', 10])
    const rest = await target.get({ key, range: { start: 8 } })
    assert.deepEqual([await text(rest.body), rest.sizeBytes], ['89', 10])
  })
  define('an absent object is null to stat and is missing to get', async ({ target, prefix }) => {
    const key = `${prefix}absent`
    assert.equal(await target.stat({ key }), null)
    await assert.rejects(target.get({ key }), isObjectMissing)
  })
  define('the version changes whenever the content does', async ({ target, prefix }) => {
    const key = `${prefix}version`
    const etags = new Set<string>()
    for (const content of ['a', 'b', 'ab', 'abc']) {
      etags.add((await target.put({ key, body: bytes(content) })).etag)
    }
    assert.equal(etags.size, 4)
  })
  define('a body that fails stores nothing', async ({ target, prefix }) => {
    const key = `${prefix}failing`
    const failing = async function* () {
      yield bytes('half')
      throw new Error('the source broke')
    }
    await assert.rejects(target.put({ key, body: failing(), sizeBytes: 8 }))
    assert.equal(await target.stat({ key }), null)
  })
}

function conditionChecks(define: DefineCheck): void {
  define('ifNoneMatch stores only where nothing stands', async ({ target, prefix }) => {
    const key = `${prefix}create`
    await target.put({ key, body: bytes('first'), ifNoneMatch: '*' })
    await assert.rejects(
      target.put({ key, body: bytes('second'), ifNoneMatch: '*' }),
      isConditionRefused,
    )
    assert.equal(await text((await target.get({ key })).body), 'first')
  })
  define('ifMatch stores only over that version', async ({ target, prefix }) => {
    const key = `${prefix}replace`
    const first = await target.put({ key, body: bytes('first') })
    const second = await target.put({ key, body: bytes('second'), ifMatch: first.etag })
    await assert.rejects(
      target.put({ key, body: bytes('third'), ifMatch: first.etag }),
      isConditionRefused,
    )
    assert.equal((await target.stat({ key }))?.etag, second.etag)
  })
  define('ifMatch does not create', async ({ target, prefix }) => {
    const put = target.put({ key: `${prefix}gone`, body: bytes('x'), ifMatch: 'no-such-version' })
    await assert.rejects(put, (error) => isConditionRefused(error) || isObjectMissing(error))
  })
  define('get with ifMatch refuses another version', async ({ target, prefix }) => {
    const key = `${prefix}read`
    const { etag } = await target.put({ key, body: bytes('first') })
    assert.equal(await text((await target.get({ key, ifMatch: etag })).body), 'first')
    await target.put({ key, body: bytes('second') })
    await assert.rejects(target.get({ key, ifMatch: etag }), isConditionRefused)
  })
  define('of writers with the same condition exactly one wins', async ({ target, prefix }) => {
    const key = `${prefix}race`
    let ifMatch: string | undefined
    for (let round = 0; round < RACES; round += 1) {
      const condition = ifMatch === undefined ? { ifNoneMatch: '*' as const } : { ifMatch }
      const writes = Array.from({ length: RACERS }, (_, racer) =>
        target.put({ key, body: bytes(`${round}-${racer}`), ...condition }),
      )
      const won = (await Promise.allSettled(writes)).filter(({ status }) => status === 'fulfilled')
      assert.equal(won.length, 1, `${won.length} of ${RACERS} writers won`)
      ifMatch = (await target.stat({ key }))?.etag
    }
  })
}

const RACES = 3
const RACERS = 8

function listChecks(define: DefineCheck): void {
  define('list answers every key behind a prefix, and no other', async ({ target, prefix }) => {
    const names = ['day.json', 'day.json.journal/a-1', 'day.json.journal/b-1', 'day.jsonx/c']
    for (const name of names) await target.put({ key: prefix + name, body: bytes(name) })
    const journal = await collect(target.list({ prefix: `${prefix}day.json.journal/` }))
    assert.deepEqual(journal, [`${prefix}day.json.journal/a-1`, `${prefix}day.json.journal/b-1`])
    assert.equal((await collect(target.list({ prefix }))).length, names.length)
  })
  define('delete removes, and succeeds where nothing stands', async ({ target, prefix }) => {
    const key = `${prefix}delete`
    await target.put({ key, body: bytes('x') })
    await target.delete({ key })
    await target.delete({ key })
    assert.equal(await target.stat({ key }), null)
  })
}

function uploaderChecks(define: DefineCheck): void {
  for (const delivery of ['direct', 'journal'] as const) {
    define(
      `uploaders with delivery ${delivery} lose nothing and double nothing`,
      async ({ target, prefix }) => {
        const options = { target, prefix, delivery, now: () => Date.UTC(2026, 10, 21, 12) }
        const uploaders = Array.from({ length: 3 }, () => createSegmentsUploader(options))
        await Promise.all(
          uploaders.flatMap((uploader, writer) =>
            Array.from({ length: 5 }, (_, event) =>
              uploader.upload(
                { traits: { smi_uid: `${writer}-${event}` } },
                { idempotencyKey: `${event % 2 === 0 ? writer : 'all'}-${event}` },
              ),
            ),
          ),
        )
        await Promise.all(uploaders.map((uploader) => uploader.close()))
        const { body } = await target.get({ key: `${prefix}2026-11-21_segments.json` })
        const { profiles } = JSON.parse(await text(body)) as { profiles: unknown[] }
        assert.equal(profiles.length, 3 * 3 + 2)
      },
    )
  }
}
