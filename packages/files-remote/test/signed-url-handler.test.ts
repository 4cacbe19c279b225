import { describe, expect, it } from 'vitest'
import { createSignedUrlHandler } from '../src/index.ts'
import { createMemoryStorageProvider } from '../src/memory/index.ts'
import { bytes } from '../src/testing/contract-kit.ts'

const signedUrls = { baseUrl: 'http://files.test/signed/', secret: 'a secret of 24 characters' }
const provider = createMemoryStorageProvider({ signedUrls })
const handle = createSignedUrlHandler(provider, signedUrls)
const { etag } = await provider.put({
  key: 'a/ü.html',
  body: bytes('0123456789'),
  mediaType: 'text/html',
})
const { url } = await provider.signUrl({ method: 'GET', key: 'a/ü.html' })
const get = (headers: Record<string, string> = {}, method = 'GET') =>
  handle(new Request(url, { method, headers }))

describe('createSignedUrlHandler', () => {
  it('answers so that no browser takes an upload for a page of the site', async () => {
    const { headers } = await get()
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=5-100', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=4-2', 200, '0123456789', null],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('answers Range: %s with %i', async (range, status, body, contentRange) => {
    const response = await get({ range })
    expect(response.status).toBe(status)
    expect(await response.text()).toBe(body)
    expect(response.headers.get('content-range')).toBe(contentRange)
  })

  it('takes a range only for the version that If-Range names', async () => {
    expect((await get({ range: 'bytes=0-1', 'if-range': `"${etag}"` })).status).toBe(206)
    expect((await get({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
  })

  it('answers 304 to the version that a cache has', async () => {
    expect((await get({ 'if-none-match': `W/"x", "${etag}"` })).status).toBe(304)
    expect((await get({ 'if-none-match': '"x"' })).status).toBe(200)
  })

  it('answers HEAD without a body', async () => {
    const response = await get({}, 'HEAD')
    expect(response.headers.get('content-length')).toBe('10')
    expect(await response.text()).toBe('')
  })

  it.each([
    [
      'another secret',
      async () =>
        createSignedUrlHandler(provider, { ...signedUrls, secret: 'x'.repeat(24) })(
          new Request(url),
        ),
    ],
    [
      'a later expiry',
      async () => handle(new Request(url.replace(/expires=\d+/, 'expires=9999999999'))),
    ],
    ['one more parameter', async () => handle(new Request(`${url}&downloadName=x.exe`))],
    ['no signature', async () => handle(new Request(url.replace(/&signature=.*/, '')))],
    ['another key', async () => handle(new Request(url.replace('/a/', '/b/')))],
    ['broken escapes', async () => handle(new Request(url.replace('%C3%BC', '%C3')))],
    ['another method', async () => handle(new Request(url, { method: 'DELETE' }))],
    ['another path', async () => handle(new Request(url.replace('/signed/', '/')))],
  ])('refuses an address with %s', async (_, send) => {
    expect((await send()).status).toBe(403)
  })

  it('answers 404 to a valid address of an absent file', async () => {
    const absent = await provider.signUrl({ method: 'GET', key: 'absent' })
    expect((await handle(new Request(absent.url))).status).toBe(404)
  })

  it('breaks off a form that is larger than its limit, without reading all of it', async () => {
    const form = await provider.signUrl({ method: 'POST', key: 'form', maxBytes: 10 })
    let pulled = 0
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const response = await handle(
      new Request(form.url, { method: 'POST', headers, body: endless, duplex: 'half' }),
    )
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(pulled).toBeLessThan(20)
    expect(await provider.stat({ key: 'form' })).toBeNull()
  })

  it('answers 503 when the storage is down, and says nothing of why', async () => {
    const broken = { ...provider, stat: () => Promise.reject(new Error('password is hunter2')) }
    const response = await createSignedUrlHandler(broken, signedUrls)(new Request(url))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('hunter2')
  })

  it.each([
    [
      { ...signedUrls, secret: 'short' },
      'signedUrls.secret must be a string of at least 16 bytes.',
    ],
    [
      { ...signedUrls, baseUrl: '/files' },
      'signedUrls.baseUrl must be an http(s) URL, got "/files".',
    ],
  ])('refuses options that are no good, without the secret', (options, message) => {
    expect(() => createSignedUrlHandler(provider, options)).toThrow(new TypeError(message))
    expect(() => createMemoryStorageProvider({ signedUrls: options })).toThrow(
      new TypeError(message),
    )
  })
})
