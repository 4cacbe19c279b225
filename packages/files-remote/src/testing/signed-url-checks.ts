import assert from 'node:assert/strict'
import type { SignedMethod, SignedUrl, SignUrlRequest } from '../sign-request.ts'
import { bytes, type DefineCheck, lackable, readText, rejectsWith } from './contract-kit.ts'

/** Sends a request as a stranger would: over the network, or straight into the provider's handler. */
export type Send = (request: Request) => Promise<Response>

/** Signed requests do what they were signed for, and nothing else; a provider that cannot sign says so. */
export function signedUrlChecks(define: DefineCheck, send: Send): void {
  const check = (method: SignedMethod) =>
    lackable(define, {
      capability: `${method} in signedUrls`,
      has: ({ signedUrls }) => signedUrls.includes(method),
      refuses: async ({ provider, key }) => {
        const request = method === 'POST' ? { method, maxBytes: 8 } : { method }
        const call = () => provider.signUrl({ ...request, key: key() })
        await rejectsWith(call, 'FILES_REMOTE_UNSUPPORTED')
      },
    })

  check('GET')(
    'a signed GET gives the object to a stranger under the asked name',
    async ({ provider, key }) => {
      await provider.put({ key: key('a b+ü'), body: bytes('shared'), mediaType: 'text/plain' })
      const request: SignUrlRequest = {
        method: 'GET',
        key: key('a b+ü'),
        downloadName: 'über "x".txt',
      }
      const before = Date.now()
      const signed = await provider.signUrl({ ...request, expiresInSeconds: 60 })
      assert.ok(
        Math.abs(signed.expiresAt.getTime() - before - 60_000) < 30_000,
        'expiresAt is not in 60 s',
      )
      const response = await send(toRequest(signed))
      assert.equal(response.status, 200)
      assert.equal(await response.text(), 'shared')
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
      assert.match(
        response.headers.get('content-disposition') ?? '',
        /^attachment; .*filename\*=UTF-8''%C3%BCber/,
      )
    },
  )

  check('GET')('a signed GET with another key is refused', async ({ provider, key }) => {
    await provider.put({ key: key('public'), body: bytes('x') })
    await provider.put({ key: key('secret'), body: bytes('y') })
    const { url } = await provider.signUrl({ method: 'GET', key: key('public') })
    const response = await send(new Request(url.replace('public', 'secret')))
    await response.arrayBuffer()
    assert.equal(response.status, 403)
  })

  check('GET')('a signed GET expires', async ({ provider, key }) => {
    await provider.put({ key: key(), body: bytes('x') })
    const { url } = await provider.signUrl({ method: 'GET', key: key(), expiresInSeconds: 1 })
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    const response = await send(new Request(url))
    await response.arrayBuffer()
    assert.equal(response.status, 403)
  })

  check('GET')('a signed GET does not allow PUT', async ({ provider, key }) => {
    await provider.put({ key: key(), body: bytes('x') })
    const { url } = await provider.signUrl({ method: 'GET', key: key() })
    const response = await send(new Request(url, { method: 'PUT', body: 'evil' }))
    await response.arrayBuffer()
    assert.ok(response.status >= 400, `answered ${response.status}`)
    assert.equal(await readText(provider, key()), 'x')
  })

  check('PUT')(
    'a signed PUT stores what a stranger sends, of the signed type and size only',
    async ({ provider, key }) => {
      const request: SignUrlRequest = {
        method: 'PUT',
        key: key(),
        mediaType: 'text/csv',
        sizeBytes: 4,
      }
      const signed = await provider.signUrl(request)
      const wrongType = { ...signed, headers: { ...signed.headers, 'content-type': 'text/html' } }
      assert.ok(
        (await send(toRequest(wrongType, 'abcd'))).status >= 400,
        'another type was accepted',
      )
      assert.ok(
        (await send(toRequest(signed, 'abcde')).catch(() => Response.error())).status !== 200,
        'another size was accepted',
      )
      const response = await send(toRequest(signed, 'abcd'))
      assert.equal(response.status, 200)
      assert.equal(await readText(provider, key()), 'abcd')
      assert.equal((await provider.stat({ key: key() }))?.mediaType, 'text/csv')
    },
  )

  check('POST')('a signed POST stores a form below its limits only', async ({ provider, key }) => {
    const request: SignUrlRequest = {
      method: 'POST',
      key: key(),
      mediaType: 'text/csv',
      minBytes: 2,
      maxBytes: 8,
    }
    const signed = await provider.signUrl(request)
    for (const tooLongOrShort of ['1', '123456789']) {
      assert.ok(
        (await send(toForm(signed, tooLongOrShort))).status >= 400,
        `${tooLongOrShort.length} bytes were accepted`,
      )
    }
    const otherType = { ...signed, fields: { ...signed.fields, 'Content-Type': 'text/html' } }
    assert.ok((await send(toForm(otherType, '1234'))).status >= 400, 'another type was accepted')
    assert.equal(await provider.stat({ key: key() }), null)
    const response = await send(toForm(signed, '1234'))
    assert.ok(response.ok, `answered ${response.status}`)
    assert.equal(await readText(provider, key()), '1234')
    assert.equal((await provider.stat({ key: key() }))?.mediaType, 'text/csv')
  })
}

function toRequest({ url, method, headers }: SignedUrl, body?: string): Request {
  return new Request(url, {
    method,
    headers: stripLength(headers),
    ...(body !== undefined && { body }),
  })
}

/** The length is set by whoever sends; `Request` refuses it as a header. */
function stripLength(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-length'))
}

function toForm({ url, fields }: SignedUrl, file: string): Request {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new Blob([file]), 'upload')
  return new Request(url, { method: 'POST', body: form })
}
