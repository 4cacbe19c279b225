import { describe, expect, it } from 'vitest'
import { failure } from './failure.ts'
import { pattern, serve } from './serve.ts'

const body = pattern(400_000)

describe('refusals of a server', () => {
  it.each([
    [401, 'auth'],
    [403, 'auth'],
    [404, 'permanent'],
    [410, 'permanent'],
    [416, 'permanent'],
    [429, 'rate_limit'],
    [500, 'transient'],
    [503, 'transient'],
    [304, 'permanent'],
    [204, 'permanent'],
  ])('a %d is of kind %s', async (status, kind) => {
    await using server = await serve((_request, response) => {
      response.writeHead(status).end(status === 204 || status === 304 ? undefined : 'because')
    })
    expect(await failure(server.url, {})).toMatchObject({
      kind,
      status,
      details: { phase: 'request' },
    })
  })

  it('an endless error page is cut off', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(404)
      const send = (): void => {
        while (!response.destroyed && response.write(body));
      }
      response.on('drain', send)
      send()
    })
    expect(await failure(server.url, {})).toMatchObject({ status: 404 })
  })

  it('a connection refused is a transient failure', async () => {
    const server = await serve((_request, response) => response.end())
    await server[Symbol.asyncDispose]()
    expect(await failure(server.url, {})).toMatchObject({
      kind: 'transient',
      code: 'FILES_LOCAL_CONNECTION_FAILED',
    })
  })

  it('a connection that is not made in time is given up', async () => {
    const lookup = (): Promise<never> => new Promise(() => {})
    expect(await failure('http://slow.example/', { lookup, connectTimeoutMs: 100 })).toMatchObject({
      kind: 'transient',
      code: 'FILES_LOCAL_TIMED_OUT',
      details: { phase: 'request' },
    })
  })

  it('tells neither path nor query nor password of the address', async () => {
    await using server = await serve((_request, response) => response.writeHead(404).end())
    const url = server.url.replace('//', '//user:hunter2@')
    const error = (await failure(`${url}/bot123:s3cret/file?sig=s3cret`, {})) as Error
    const shown = JSON.stringify(error) + error.message + error.stack
    expect(shown).not.toMatch(/s3cret|hunter2/)
  })
})
