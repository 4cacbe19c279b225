// A refresh over a store that misbehaves: nothing hangs, and no rotated refresh token is lost.
import {
  createMemoryTokenStore,
  createTokenManager,
  type TokenStore,
} from '@mortise/manifest/oauth'
import { describe, expect, it, vi } from 'vitest'
import { manifestWith } from './sample-documents.ts'

const manifest = manifestWith({
  type: 'oauth_2',
  oauth_access_fields: {
    client_id: 'CLIENT_ID',
    client_secret: 'CLIENT_SECRET',
    authorize_url: 'https://x.com/authorize',
    access_token_url: 'https://x.com/token',
    access_token_placement: 'header_bearer',
  },
})
const expired = { accessToken: 'a0', refreshToken: 'r0', expiresAt: '2020-01-01T00:00:00.000Z' }

async function managed(misbehave: (store: TokenStore) => Partial<TokenStore>, status = 200) {
  const store = createMemoryTokenStore()
  await store.compareAndSet('k', undefined, { tokens: expired })
  const body =
    status === 200 ? { access_token: 'a1', refresh_token: 'r1' } : { error: 'invalid_grant' }
  const fetch = vi.fn(async () => Response.json(body, { status }))
  const manager = createTokenManager(manifest, {
    store: { ...store, ...misbehave(store) },
    client: { clientId: 'id', clientSecret: 'secret' },
    fetch,
    pollMs: 1,
  })
  return { store, manager, fetch }
}

describe('a token store', () => {
  it('that loses every write is given up, by auth and by save', async () => {
    const { manager, fetch } = await managed(() => ({ compareAndSet: async () => undefined }))
    await expect(manager.auth('k')).rejects.toMatchObject({ code: 'MANIFEST_REFRESH_BUSY' })
    await expect(manager.save('k', expired)).rejects.toMatchObject({
      code: 'MANIFEST_REFRESH_BUSY',
    })
    expect(fetch).not.toHaveBeenCalled()
  })

  it('that fails for a moment after the refresh gets the new refresh token all the same', async () => {
    let writes = 0
    const { manager, store, fetch } = await managed(({ compareAndSet }) => ({
      compareAndSet: async (...write) => {
        writes++
        if (writes >= 2 && writes <= 5) throw new Error('connection lost')
        return compareAndSet(...write)
      },
    }))
    expect(await manager.auth('k')).toEqual({ access_token: 'a1' })
    expect((await store.load('k'))?.record).toEqual({
      tokens: { accessToken: 'a1', refreshToken: 'r1' },
    })
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('that writes and then fails is believed when it is read', async () => {
    let writes = 0
    const { manager, store, fetch } = await managed(({ compareAndSet }) => ({
      compareAndSet: async (...write) => {
        const version = await compareAndSet(...write)
        if (++writes === 2) throw new Error('connection lost after the write')
        return version
      },
    }))
    expect(await manager.auth('k')).toEqual({ access_token: 'a1' })
    expect((await store.load('k'))?.record.tokens?.refreshToken).toBe('r1')
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('that fails for good fails the caller with its own error', async () => {
    let writes = 0
    const { manager } = await managed(({ compareAndSet }) => ({
      compareAndSet: async (...write) => {
        if (++writes > 1) throw new Error('disk full')
        return compareAndSet(...write)
      },
    }))
    await expect(manager.auth('k')).rejects.toThrow('disk full')
  })

  it('that fails while a claim is given back does not hide what the provider said', async () => {
    let loads = 0
    const { manager } = await managed(
      ({ load }) => ({
        load: async (key) => {
          if (++loads > 2) throw new Error('connection lost')
          return load(key)
        },
      }),
      400,
    )
    await expect(manager.auth('k')).rejects.toMatchObject({ code: 'CREDENTIAL_INVALID' })
  })

  it('that never answers does not keep a caller who gives up', async () => {
    const { manager } = await managed(() => ({ load: () => new Promise(() => {}) }))
    const signal = AbortSignal.timeout(20)
    await expect(manager.auth('k', { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
