import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { everyAdapter } from './every-adapter.ts'

/** The guide of a platform; Instagram stands with Messenger. */
function guideOf(platform: string): string {
  const name = platform === 'instagram' ? 'messenger' : platform
  return readFileSync(new URL(`../docs/${name}.md`, import.meta.url), 'utf8')
}

/** The second cell of the row that begins with this word. */
function cellOf(guide: string, word: string): string {
  return guide.split('\n').find((line) => line.startsWith(`| ${word} |`)) ?? ''
}

const words = (text: string) => [...text.matchAll(/`([\w.]+)`/g)].map(([, word]) => word)

describe.each(Object.entries(everyAdapter))('the guide of %s', (platform, create) => {
  const { capabilities, requiredCredentials } = create({ baseUrl: 'http://localhost' })
  const guide = guideOf(platform)

  it('names what is sent and received, exactly', () => {
    expect(words(cellOf(guide, 'sends'))).toEqual(capabilities.send)
    expect(words(cellOf(guide, 'receives'))).toEqual(capabilities.receive)
  })

  it('says where to find each credential, and everything one has to know', () => {
    for (const name of requiredCredentials) expect(guide).toContain(`| \`${name}\` |`)
    for (const note of capabilities.notes ?? []) expect(guide).toContain(`- ${note}\n`)
  })

  it('tells truly about replies, keys, and how long events may come again', () => {
    const { replies, idempotencyKeys, redeliveryHorizonMs } = capabilities
    expect(cellOf(guide, 'answers to a message')).toContain(replies ? 'yes' : 'no')
    expect(cellOf(guide, 'drops a repeated send by key')).toContain(idempotencyKeys ? 'yes' : 'no')
    const minutes = redeliveryHorizonMs / 60_000
    const [, number, unit] =
      /(\d+) (minute|hour|day)/.exec(cellOf(guide, 'the same event may come again for')) ?? []
    const minutesOf: Record<string, number> = { minute: 1, hour: 60, day: 24 * 60 }
    expect(Number(number) * (minutesOf[unit ?? ''] ?? 0)).toBe(minutes)
  })
})
