import assert from 'node:assert/strict'
import type { StorageProvider } from '../storage-provider.ts'
import {
  bytes,
  chunked,
  type DefineCheck,
  patterned,
  readAll,
  readText,
  rejectsWith,
} from './contract-kit.ts'

const BAD_KEYS = [
  '',
  '/a',
  'a/',
  'a//b',
  '../a',
  'a/../../b',
  './a',
  'a\0b',
  'a\nb',
  'x\ud800',
  'k'.repeat(1025),
]
const ODD_KEYS = [
  'a b',
  '+&#?%25=',
  "it's (1)!*",
  'ünï/😀',
  '...',
  'CON',
  'con.txt',
  'a.',
  '~',
  'a\\b',
  '%2F',
  '%',
  'A',
  `long/${'n'.repeat(900)}`,
]

/** What comes in is checked at the door, and an abort is heard everywhere. */
export function doorChecks(check: DefineCheck): void {
  check(
    'every call refuses a key that breaks the rules with FILES_REMOTE_KEY_INVALID',
    async ({ provider, key }) => {
      for (const bad of BAD_KEYS) {
        for (const call of callsWith(provider, bad, key()))
          await rejectsWith(call, 'FILES_REMOTE_KEY_INVALID')
      }
    },
  )

  check(
    'every key that keeps the rules holds an object of its own',
    async ({ provider, prefix }) => {
      const keys = ODD_KEYS.map((name) => prefix + name)
      for (const key of keys) await provider.put({ key, body: bytes(key) })
      for (const key of keys) assert.equal(await readText(provider, key), key)
      const listed: string[] = []
      for await (const entry of provider.list({ prefix }))
        listed.push(entry.kind === 'object' ? entry.key : '')
      assert.deepEqual(new Set(listed), new Set(keys))
    },
  )

  check('a key and the keys below it do not disturb each other', async ({ provider, key }) => {
    for (const name of ['a/b', 'a', 'a/b/c'])
      await provider.put({ key: key(name), body: bytes(name) })
    await provider.delete({ key: key('a/b') })
    assert.equal(await readText(provider, key('a')), 'a')
    assert.equal(await readText(provider, key('a/b/c')), 'a/b/c')
    assert.equal(await provider.stat({ key: key('a/b') }), null)
  })

  check(
    'a mistake of the caller is a TypeError that names the option',
    async ({ provider, key }) => {
      const wrong: [string, () => Promise<unknown>][] = [
        ['key', () => provider.stat({ key: 7 as never })],
        ['body', () => provider.put({ key: key(), body: 'text' as never })],
        ['sizeBytes', () => provider.put({ key: key(), body: bytes('x'), sizeBytes: -1 })],
        ['ifMatch', () => provider.put({ key: key(), body: bytes('x'), ifMatch: '"quoted"' })],
        [
          'ifMatch',
          () => provider.put({ key: key(), body: bytes('x'), ifMatch: 'a', ifNoneMatch: '*' }),
        ],
        [
          'mediaType',
          () => provider.put({ key: key(), body: bytes('x'), mediaType: 'text\r\nx: y' }),
        ],
        [
          'metadata',
          () => provider.put({ key: key(), body: bytes('x'), metadata: { a: 'b\r\nc' } }),
        ],
        ['range.start', () => provider.get({ key: key(), range: { start: -1 } })],
        ['range.end', () => provider.get({ key: key(), range: { start: 2, end: 1 } })],
      ]
      for (const [field, call] of wrong) {
        await assert.rejects(
          async () => call(),
          (error) => error instanceof TypeError && error.message.includes(field),
          field,
        )
      }
      assert.equal(await provider.stat({ key: key() }), null)
    },
  )

  check(
    'a call that is aborted before it begins rejects with FILES_REMOTE_ABORTED',
    async ({ provider, key }) => {
      await provider.put({ key: key(), body: bytes('old') })
      const signal = AbortSignal.abort(new Error('enough'))
      for (const call of [
        () => provider.put({ key: key(), body: bytes('new'), signal }),
        () => provider.get({ key: key(), signal }),
        () => provider.stat({ key: key(), signal }),
        () => provider.delete({ key: key(), signal }),
        () => provider.copy({ sourceKey: key(), key: key('copy'), signal }),
        () => readAll(provider.list({ signal }) as AsyncIterable<never>),
      ]) {
        await rejectsWith(async () => call(), 'FILES_REMOTE_ABORTED')
      }
      assert.equal(await readText(provider, key()), 'old')
    },
  )

  check('an abort ends a put whose body hangs, and stores nothing', async ({ provider, key }) => {
    const stop = new AbortController()
    const hanging = (async function* () {
      yield patterned(10)
      setTimeout(() => stop.abort(), 20)
      await new Promise(() => undefined)
    })()
    await rejectsWith(
      () => provider.put({ key: key(), body: hanging, signal: stop.signal }),
      'FILES_REMOTE_ABORTED',
    )
    assert.equal(await provider.stat({ key: key() }), null)
  })

  check('an abort ends a body that is being read', async ({ provider, key }) => {
    await provider.put({ key: key(), body: patterned(3_000_000) })
    const stop = new AbortController()
    const { body } = await provider.get({ key: key(), signal: stop.signal })
    await rejectsWith(async () => {
      for await (const _ of body) stop.abort()
    }, 'FILES_REMOTE_ABORTED')
  })

  check(
    'a reader keeps the object that it has opened while others replace it',
    async ({ provider, key }) => {
      const data = patterned(2_000_000)
      await provider.put({ key: key(), body: data })
      const { body } = await provider.get({ key: key() })
      const replaced = provider.put({ key: key(), body: patterned(2_000_000, 2) })
      const got = await readAll(body).catch(() => undefined)
      await replaced
      // A server may cut the connection instead; what must not come is a mixture.
      assert.ok(got === undefined || got.equals(data), 'the reader got a mixture')
    },
  )

  check('a put never shows a part of its body', async ({ provider, key }) => {
    await provider.put({ key: key(), body: bytes('old') })
    const seen: string[] = []
    async function* watched() {
      for await (const chunk of chunked(patterned(400_000), 100_000)) {
        yield chunk
        seen.push(await readText(provider, key()))
      }
    }
    await provider.put({ key: key(), body: watched() })
    assert.deepEqual(new Set(seen), new Set(['old']))
    assert.equal((await provider.stat({ key: key() }))?.sizeBytes, 400_000)
  })
}

function callsWith(
  provider: StorageProvider,
  bad: string,
  good: string,
): (() => Promise<unknown>)[] {
  return [
    async () => provider.put({ key: bad, body: bytes('x') }),
    async () => provider.get({ key: bad }),
    async () => provider.stat({ key: bad }),
    async () => provider.delete({ key: bad }),
    async () => provider.copy({ sourceKey: good, key: bad }),
    async () => provider.copy({ sourceKey: bad, key: good }),
  ]
}
