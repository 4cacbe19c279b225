import { describe, expect, it } from 'vitest'
import { consumeSettings } from '../src/delivery-decision.ts'
import { createMemoryMessageTransport } from '../src/memory/index.ts'
import { createSubscriptions } from '../src/subscriptions.ts'

const settings = consumeSettings({ group: 'g' }, Math.random)
const UNAVAILABLE = { code: 'MESSAGING_TRANSPORT_UNAVAILABLE' }

describe('closing a transport', () => {
  it('ends a consumer that is about to begin, and tells who asked for it', async () => {
    const begun = Promise.withResolvers<void>()
    const ended: string[] = []
    const close = async () => void ended.push('consumer')
    const subscriptions = createSubscriptions()
    const opening = subscriptions.open(settings, async () => {
      await begun.promise
      return { close, [Symbol.asyncDispose]: close }
    })
    const closing = subscriptions.close().then(() => ended.push('transport'))
    begun.resolve()
    await expect(opening).rejects.toMatchObject(UNAVAILABLE)
    await closing
    expect(ended).toEqual(['consumer', 'transport'])
  })

  it('ends one of a database in memory, and takes no other', async () => {
    const transport = createMemoryMessageTransport()
    const opening = transport.consume({ group: 'g' }, async () => {})
    await transport.close()
    await expect(opening).rejects.toMatchObject(UNAVAILABLE)
    await expect(transport.consume({ group: 'g' }, async () => {})).rejects.toMatchObject(
      UNAVAILABLE,
    )
  })
})
