import { describe, expect, it } from 'vitest'
import { createHookFetchHandler, startHookServer } from '../src/http/index.ts'
import { createHookHost, preMap } from '../src/index.ts'

const TOKEN = '5f0c1d7be2a94c6d8b3e'
const host = () =>
  createHookHost({ diy: { same: preMap(({ data }) => data.map((record) => ({ data: record }))) } })
const body = JSON.stringify({ diy: true, function: 'same', options: { data: [1] } })
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }

describe('startHookServer', () => {
  it('answers a call over HTTP and refuses a wrong token with 401', async () => {
    await using server = await startHookServer(host(), { tokens: TOKEN })
    const good = await fetch(`${server.url}/function`, { method: 'POST', headers, body })
    expect([good.status, await good.json()]).toEqual([200, [{ data: 1 }]])
    const bad = await fetch(`${server.url}/function`, {
      method: 'POST',
      headers: { ...headers, authorization: 'Bearer no' },
      body,
    })
    expect([bad.status, await bad.json()]).toEqual([
      401,
      { errors: [{ code: 'unauthorized', message: 'Invalid system token.' }] },
    ])
  })
})

describe('createHookFetchHandler', () => {
  it('answers a Request with a Response', async () => {
    const handle = createHookFetchHandler(host(), { tokens: [TOKEN] })
    const response = await handle(
      new Request('http://host/function', { method: 'POST', headers, body }),
    )
    expect([response.status, await response.json()]).toEqual([200, [{ data: 1 }]])
  })
})
