import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type DownloadOptions, downloadToFile } from '../src/index.ts'
import { loopback, pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(5000)

function redirectTo(location: string, status = 302) {
  return (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, { location }).end('moved')
  }
}

async function failure(url: string, options: DownloadOptions = loopback): Promise<unknown> {
  await using folder = await temporaryFolder()
  const error = await downloadToFile(url, folder.file('a'), options).catch(
    (thrown: unknown) => thrown,
  )
  expect(await folder.list()).toEqual([])
  return error
}

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])(
    'a %d is followed, with a relative address too',
    async (status) => {
      await using folder = await temporaryFolder()
      await using server = await serve((request, response) => {
        if (request.url === '/dir/start?x=1') redirectTo('../end', status)(request, response)
        else response.end(body)
      })
      const result = await downloadToFile(`${server.url}/dir/start?x=1`, folder.file('a'), loopback)
      expect(result).toMatchObject({ redirects: 1, bytes: 5000, url: `${server.url}/end` })
      expect(server.connections).toBe(1)
    },
  )

  it('a circle is refused', async () => {
    await using server = await serve((request, response) =>
      redirectTo(request.url === '/a' ? '/b' : '/a')(request, response),
    )
    expect(await failure(`${server.url}/a`)).toMatchObject({
      kind: 'permanent',
      code: 'FILES_LOCAL_REDIRECT_REFUSED',
      message: 'the server redirects in a circle',
    })
    expect(server.requests).toHaveLength(2)
  })

  it('an endless chain stops at maxRedirects', async () => {
    let count = 0
    await using server = await serve((request, response) => {
      count += 1
      redirectTo(`/${count}`)(request, response)
    })
    const error = await failure(server.url, { ...loopback, maxRedirects: 3 })
    expect(error).toMatchObject({ code: 'FILES_LOCAL_REDIRECT_REFUSED' })
    expect(server.requests).toHaveLength(4)
  })

  it.each(['file:///etc/passwd', 'ftp://example.com/a', 'data:,hello', 'gopher://x/'])(
    'to %s is refused',
    async (location) => {
      await using server = await serve(redirectTo(location))
      expect(await failure(server.url)).toMatchObject({ code: 'FILES_LOCAL_REDIRECT_REFUSED' })
    },
  )

  it('to something that is no address is refused', async () => {
    await using server = await serve(redirectTo('http://[not'))
    expect(await failure(server.url)).toMatchObject({ code: 'FILES_LOCAL_REDIRECT_REFUSED' })
  })

  it('from https only to http is refused when protocols says so', async () => {
    await using server = await serve((_request, response) => response.end(body))
    expect(await failure(server.url, { ...loopback, protocols: ['https:'] })).toMatchObject({
      code: 'FILES_LOCAL_URL_REFUSED',
    })
    expect(server.connections).toBe(0)
  })

  it.each(['http://169.254.169.254/latest/meta-data/', 'http://127.0.0.2/', 'http://[::1]/'])(
    'to %s is refused by the address guard',
    async (location) => {
      await using server = await serve(redirectTo(location))
      const options = { allow: { addresses: ['127.0.0.1'] } }
      expect(await failure(server.url, options)).toMatchObject({
        code: 'FILES_LOCAL_ADDRESS_REFUSED',
      })
    },
  )

  it('to another port of an allowed host is refused when only its port was allowed', async () => {
    await using inside = await serve((_request, response) => response.end('secret'))
    await using server = await serve(redirectTo(inside.url))
    const options = { allow: { hosts: [`127.0.0.1:${server.port}`] } }
    expect(await failure(server.url, options)).toMatchObject({
      code: 'FILES_LOCAL_ADDRESS_REFUSED',
    })
    expect(inside.connections).toBe(0)
  })

  it('to another origin takes no header of the caller along but harmless ones', async () => {
    await using folder = await temporaryFolder()
    await using other = await serve((_request, response) => response.end(body))
    await using server = await serve(redirectTo(other.url))
    const headers = {
      Authorization: 'Bearer s3cret',
      Cookie: 'session=s3cret',
      'X-Api-Key': 's3cret',
      'X-Trace': '7',
      'User-Agent': 'tests',
    }
    await downloadToFile(server.url, folder.file('a'), {
      ...loopback,
      headers,
      crossOriginHeaders: ['X-Trace'],
    })
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret' })
    expect(JSON.stringify(other.requests)).not.toContain('s3cret')
    expect(other.requests[0]?.headers).toMatchObject({ 'x-trace': '7', 'user-agent': 'tests' })
  })

  it('within an origin keeps the headers', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((request, response) => {
      if (request.url === '/') redirectTo('/end')(request, response)
      else response.end(body)
    })
    const headers = { Authorization: 'Bearer s3cret' }
    await downloadToFile(server.url, folder.file('a'), { ...loopback, headers })
    expect(server.requests[1]?.headers).toMatchObject({ authorization: 'Bearer s3cret' })
  })

  it('user and password of an address are sent as Basic credentials, to its origin only', async () => {
    await using folder = await temporaryFolder()
    await using other = await serve((_request, response) => response.end(body))
    await using server = await serve(redirectTo(other.url))
    await downloadToFile(server.url.replace('//', '//m%40x:p%3Aw@'), folder.file('a'), loopback)
    const basic = `Basic ${Buffer.from('m@x:p:w').toString('base64')}`
    expect(server.requests[0]?.headers.authorization).toBe(basic)
    expect(other.requests[0]?.headers.authorization).toBeUndefined()
  })

  it('an answer with a redirect status and no location is a refusal', async () => {
    await using server = await serve((_request, response) => response.writeHead(302).end())
    expect(await failure(server.url)).toMatchObject({ status: 302, kind: 'permanent' })
  })
})
