import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startNatsServer } from '../../../scripts/servers/nats-server.ts'
import { describeWithNats, describeWithS3 } from '../../../scripts/vitest/servers.ts'
import type { DemoConfig, S3Config } from '../src/config.ts'
import type { Mark, Narrator } from '../src/narrator.ts'
import { simulatedSide } from '../src/running-demo.ts'
import { removeBucket } from '../src/scale/remove-bucket.ts'
import { startDemo } from '../src/start-demo.ts'
import { summary, tellStory } from '../src/story.ts'

const STORY_TIMEOUT_MS = 60_000

test('the story is told whole on the embedded defaults', { timeout: STORY_TIMEOUT_MS }, () =>
  expectWholeStory({}),
)

describeWithNats('with NATS_URL', () => {
  test('the same story runs over JetStream', { timeout: STORY_TIMEOUT_MS }, async () => {
    const server = await startNatsServer()
    onTestFinished(server.close)
    await expectWholeStory({ natsUrl: server.url })
  })
})

describeWithS3('with S3_ENDPOINT', () => {
  test('the same story stores its files on S3', { timeout: STORY_TIMEOUT_MS }, async () => {
    const server = inject('s3') as NonNullable<S3Config>
    const bucket = `mortise-demo-${randomUUID()}`
    onTestFinished(() => removeBucket({ ...server, bucket }))
    await expectWholeStory({ s3: { ...server, bucket } })
  })
})

/** Tells the story and expects that every kind of error did what it should. */
async function expectWholeStory(config: Omit<DemoConfig, 'folder'>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const told: string[] = []
  const demo = await startDemo({ ...config, folder }, recorder(told))
  onTestFinished(() => demo[Symbol.asyncDispose]())

  await tellStory(demo)

  expect(told).toEqual(
    expect.arrayContaining([
      'manifest refused with another key: invalid_credentials (kind auth)',
      'platform refused POST with a changed body → 401',
      expect.stringMatching(/^files-remote done the signed link opens: \d+ bytes of image\/png$/),
      'files-remote refused without its signature: 403',
      expect.stringMatching(/^messaging-sdk done reply sent after 2 tries and \d{4} ms$/),
      expect.stringMatching(
        /^files-local done downloaded \d+ bytes in 2 attempts, 1 of them resumed/,
      ),
      expect.stringContaining('pipeline refused permanent: Acme'),
      'messaging-sdk note dead letter kept after attempt 1: DEMO_HOOK_FAILED',
    ]),
  )
  const results = Object.fromEntries(await summary(demo))
  expect(results['replies sent']).toBe('5')
  expect(results['dead letters']).toBe('none')
  expect(results.profiles).toMatch(/^5 in \d{4}-\d\d-\d\d_segments\.json$/)
  expect(results.files?.match(/inbox\//g)).toHaveLength(2)
}

test('the same webhook twice is one reply', { timeout: STORY_TIMEOUT_MS }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const demo = await startDemo({ folder }, recorder([]))
  onTestFinished(() => demo[Symbol.asyncDispose]())
  const event = { type: 'text', text: 'Hello', id: 'wamid.twice' } as const
  for (const _ of [1, 2]) {
    const answer = await simulatedSide(demo).simulator.post(event, simulatedSide(demo).webhookUrl)
    expect(answer.status).toBe(200)
  }
  await expect
    .poll(async () => (await demo.parts.transport.lag()).every(({ pending }) => !pending))
    .toBe(true)
  expect(simulatedSide(demo).simulator.sent).toHaveLength(1)
})

function recorder(told: string[]): Narrator {
  return {
    chapter: () => {},
    step: (who: string, what: string, mark: Mark = 'done') => told.push(`${who} ${mark} ${what}`),
    table: () => {},
    say: () => {},
  }
}
