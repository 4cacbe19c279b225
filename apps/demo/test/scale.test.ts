import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { segmentsFileName } from '@mortise/segments-uploader'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { startNatsServer } from '../../../scripts/servers/nats-server.ts'
import { describeWithNats, describeWithS3 } from '../../../scripts/vitest/servers.ts'
import type { S3Config } from '../src/config.ts'
import { type Evidence, isWhole, judge } from '../src/scale/judge.ts'
import { removeBucket } from '../src/scale/remove-bucket.ts'
import { runScale, type ScaleOptions } from '../src/scale/run-scale.ts'

const SCALE_TIMEOUT_MS = 120_000
const SIZE = { events: 60, conversations: 6, receivers: 2, workers: 2, concurrency: 8 }

describeWithNats('over JetStream', () => {
  describeWithS3('and S3', () => {
    test('a worker and a receiver are killed under load, and nothing is lost', {
      timeout: SCALE_TIMEOUT_MS,
    }, async () => {
      const report = await scale()
      expect(report).toMatchObject({
        acknowledged: SIZE.events,
        neverAcknowledged: 0,
        handled: SIZE.events,
        segmentsInFile: SIZE.events,
        kills: [
          expect.stringMatching(/^worker 1 after \d+ events$/),
          expect.stringMatching(/^receiver 1 after \d+ events$/),
        ],
      })
      expect(report.repliesSent + report.repliesInDoubt).toBeGreaterThanOrEqual(SIZE.events)
      expect(isWhole(report)).toBe(true)
    })

    test('a profile that is taken out of the daily file is seen as lost', {
      timeout: SCALE_TIMEOUT_MS,
    }, async () => {
      const key = segmentsFileName(new Date().toISOString().slice(0, 10))
      const report = await scale({
        events: 12,
        beforeJudging: async (storage) => {
          const file = JSON.parse(await text((await storage.get({ key })).body))
          file.profiles.splice(5, 1)
          await storage.put({ key, body: Buffer.from(JSON.stringify(file)) })
        },
      })
      expect(report).toMatchObject({ acknowledged: 12, handled: 11, lost: 1 })
      expect(isWhole(report)).toBe(false)
    })
  })
})

describe('the verdict', () => {
  const whole: Evidence = {
    acknowledged: new Map([
      ['ana', [0, 2]],
      ['bo', [1, 3]],
    ]),
    profiles: [profile('ana', 0), profile('bo', 1), profile('ana', 2), profile('bo', 3)],
    replies: [1, 0, 3, 2],
    deadLetters: [],
  }

  test('is whole when everything is there once and in order', () => {
    const verdict = judge(whole)
    expect(verdict).toMatchObject({ acknowledged: 4, handled: 4, repliesSent: 4 })
    expect(isWhole(verdict)).toBe(true)
  })

  test.each<[string, Partial<Evidence>, object]>([
    ['lost', { profiles: whole.profiles.slice(1) }, { lost: 1, handled: 3, orderBroken: 0 }],
    ['doubled', { profiles: [...whole.profiles, profile('bo', 1)] }, { doubled: 1, lost: 0 }],
    ['out of order', { profiles: whole.profiles.toReversed() }, { orderBroken: 2, lost: 0 }],
    ['answered twice', { replies: [...whole.replies, 2] }, { repliesTwice: 1 }],
    ['not answered', { replies: [0, 1, 2] }, { repliesMissing: 1 }],
    [
      'dead for another reason',
      { replies: [0, 1, 2], deadLetters: [{ number: 3, code: 'BUG' }] },
      { repliesMissing: 1, repliesInDoubt: 0 },
    ],
  ])('names what is %s', (_what, change, expected) => {
    const verdict = judge({ ...whole, ...change })
    expect(verdict).toMatchObject(expected)
    expect(isWhole(verdict)).toBe(false)
  })

  test('does not call a reply in doubt missing', () => {
    const deadLetters = [{ number: 3, code: 'MESSAGING_SEND_IN_DOUBT' }]
    const verdict = judge({ ...whole, replies: [0, 1, 2], deadLetters })
    expect(verdict).toMatchObject({ repliesInDoubt: 1, repliesMissing: 0 })
    expect(isWhole(verdict)).toBe(true)
  })
})

function profile(conversation: string, number: number) {
  return { conversation, number }
}

async function scale(changes: Partial<ScaleOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'mortise-scale-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const nats = await startNatsServer()
  onTestFinished(nats.close)
  const server = inject('s3') as Omit<S3Config, 'bucket'>
  const s3 = { ...server, bucket: `mortise-scale-${randomUUID()}` }
  onTestFinished(() => removeBucket(s3))
  return await runScale({ ...SIZE, config: { folder, natsUrl: nats.url, s3 }, ...changes })
}
