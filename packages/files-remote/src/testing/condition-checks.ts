import assert from 'node:assert/strict'
import {
  bytes,
  type ContractRoom,
  type DefineCheck,
  lackable,
  readText,
  rejectsWith,
} from './contract-kit.ts'

const RACERS = 16

/** Conditions hold, also between writers who race. */
export function conditionChecks(define: DefineCheck): void {
  const check = lackable(define, {
    capability: 'conditionalWrites',
    has: ({ conditionalWrites }) => conditionalWrites,
    refuses: refusesConditions,
  })

  check('put with ifNoneMatch stores only where nothing stands', async ({ provider, key }) => {
    await provider.put({ key: key(), body: bytes('first'), ifNoneMatch: '*' })
    await rejectsWith(
      () => provider.put({ key: key(), body: bytes('second'), ifNoneMatch: '*' }),
      'FILES_REMOTE_PRECONDITION_FAILED',
    )
    assert.equal(await readText(provider, key()), 'first')
  })

  check('put with ifMatch stores only over that version', async ({ provider, key }) => {
    const { etag } = await provider.put({ key: key(), body: bytes('one') })
    await provider.put({ key: key(), body: bytes('two'), ifMatch: etag })
    await rejectsWith(
      () => provider.put({ key: key(), body: bytes('three'), ifMatch: etag }),
      'FILES_REMOTE_PRECONDITION_FAILED',
    )
    assert.equal(await readText(provider, key()), 'two')
  })

  check(
    'put with ifMatch over an absent key rejects with FILES_REMOTE_PRECONDITION_FAILED',
    async ({ provider, key }) => {
      const { etag } = await provider.put({ key: key('other'), body: bytes('x') })
      await rejectsWith(
        () => provider.put({ key: key(), body: bytes('x'), ifMatch: etag }),
        'FILES_REMOTE_PRECONDITION_FAILED',
      )
    },
  )

  check(`of ${RACERS} racing puts with ifNoneMatch exactly one wins`, async ({ provider, key }) => {
    await expectOneWinner(
      (body) => provider.put({ key: key(), body, ifNoneMatch: '*' }),
      () => readText(provider, key()),
    )
  })

  check(`of ${RACERS} racing puts with ifMatch exactly one wins`, async ({ provider, key }) => {
    const { etag } = await provider.put({ key: key(), body: bytes('start') })
    await expectOneWinner(
      (body) => provider.put({ key: key(), body, ifMatch: etag }),
      () => readText(provider, key()),
    )
  })

  define(
    'get with ifMatch of another version rejects with FILES_REMOTE_PRECONDITION_FAILED',
    async ({ provider, key }) => {
      const { etag } = await provider.put({ key: key(), body: bytes('one') })
      await provider.put({ key: key(), body: bytes('two') })
      await rejectsWith(
        () => provider.get({ key: key(), ifMatch: etag }),
        'FILES_REMOTE_PRECONDITION_FAILED',
      )
    },
  )

  define(
    'get with ifNoneMatch of the same version rejects with FILES_REMOTE_NOT_MODIFIED',
    async ({ provider, key }) => {
      const { etag } = await provider.put({ key: key(), body: bytes('one') })
      await rejectsWith(
        () => provider.get({ key: key(), ifNoneMatch: etag }),
        'FILES_REMOTE_NOT_MODIFIED',
      )
    },
  )
}

/** Removal under a condition; a provider that cannot says so. */
export function deleteConditionChecks(define: DefineCheck): void {
  const check = lackable(define, {
    capability: 'conditionalDeletes',
    has: ({ conditionalDeletes }) => conditionalDeletes,
    refuses: async ({ provider, key }) => {
      const { etag } = await provider.put({ key: key(), body: bytes('kept') })
      const call = () => provider.delete({ key: key(), ifMatch: etag })
      await rejectsWith(call, 'FILES_REMOTE_UNSUPPORTED')
      assert.equal(await readText(provider, key()), 'kept')
    },
  })

  check('delete with ifMatch removes only that version', async ({ provider, key }) => {
    const { etag } = await provider.put({ key: key(), body: bytes('one') })
    const now = await provider.put({ key: key(), body: bytes('two') })
    const stale = () => provider.delete({ key: key(), ifMatch: etag })
    await rejectsWith(stale, 'FILES_REMOTE_PRECONDITION_FAILED')
    assert.equal(await readText(provider, key()), 'two')
    await provider.delete({ key: key(), ifMatch: now.etag })
    assert.equal(await provider.stat({ key: key() }), null)
    await rejectsWith(
      () => provider.delete({ key: key(), ifMatch: now.etag }),
      'FILES_REMOTE_PRECONDITION_FAILED',
    )
  })
}

async function refusesConditions({ provider, key }: ContractRoom): Promise<void> {
  const { etag } = await provider.put({ key: key(), body: bytes('old') })
  for (const condition of [{ ifMatch: etag }, { ifNoneMatch: '*' as const }]) {
    const call = () => provider.put({ key: key(), body: bytes('new'), ...condition })
    await rejectsWith(call, 'FILES_REMOTE_UNSUPPORTED')
  }
  assert.equal(await readText(provider, key()), 'old')
}

async function expectOneWinner(
  put: (body: Uint8Array) => Promise<unknown>,
  read: () => Promise<string>,
): Promise<void> {
  const racers = Array.from({ length: RACERS }, (_, index) => `racer ${index}`)
  const results = await Promise.allSettled(racers.map((racer) => put(bytes(racer))))
  const winners = racers.filter((_, index) => results[index]?.status === 'fulfilled')
  assert.equal(winners.length, 1, `${winners.length} writers won`)
  for (const result of results) {
    if (result.status === 'rejected')
      await rejectsWith(() => Promise.reject(result.reason), 'FILES_REMOTE_PRECONDITION_FAILED')
  }
  assert.equal(await read(), winners[0])
}
