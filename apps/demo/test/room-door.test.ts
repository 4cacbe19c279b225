import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { DemoConfig } from '../src/config.ts'
import { type Demo, simulatedSide } from '../src/running-demo.ts'
import { startDemo } from '../src/start-demo.ts'
import { silentNarrator } from './silent-narrator.ts'

test('other sites cannot press the buttons, nor read along under a name of theirs', async () => {
  const demo = await openDemo()
  const url = `${demo.roomUrl}faults/duplicate-storm`
  for (const origin of ['https://elsewhere.example', 'null', 'http://127.0.0.1:1']) {
    const answer = await fetch(url, { method: 'POST', headers: { origin } })
    expect(answer.status).toBe(403)
  }
  const { port } = new URL(demo.roomUrl)
  const rebound = await raw(port, `GET /room/state HTTP/1.1\r\nHost: elsewhere.example:${port}`)
  expect(rebound).toMatch(/^HTTP\/1\.1 403 /)
  expect(simulatedSide(demo).simulator.sent).toEqual([])
})

test.each([
  ['an address that cannot be read', 'GET /room/%E0%A4%A HTTP/1.1\r\nHost: HERE', 400],
  ['a name that is none', 'GET /room/state HTTP/1.1\r\nHost: a b"c', 400],
  ['a method that is forbidden', 'TRACE /room/ HTTP/1.1\r\nHost: HERE', 400],
  ['an unknown page', 'GET /room/constructor HTTP/1.1\r\nHost: HERE', 404],
  ['a way out of the folder', 'GET /room/../main.ts HTTP/1.1\r\nHost: HERE', 404],
  ['no JSON', 'POST /room/messages HTTP/1.1\r\nHost: HERE\r\nContent-Length: 2\r\n\r\n{[', 400],
  ['null', 'POST /room/messages HTTP/1.1\r\nHost: HERE\r\nContent-Length: 4\r\n\r\nnull', 400],
  ['an unknown fault', 'POST /room/faults/toString HTTP/1.1\r\nHost: HERE', 404],
  ['an unknown dead letter', 'POST /room/dead-letters/x/redrive HTTP/1.1\r\nHost: HERE', 404],
  ['an unknown action', 'POST /room/dead-letters/x/then HTTP/1.1\r\nHost: HERE', 404],
])('%s is refused, and the demo stays', async (_what, request, status) => {
  const demo = await openDemo()
  const { host, port } = new URL(demo.roomUrl)
  expect(await raw(port, request.replace('HERE', host))).toMatch(`HTTP/1.1 ${status} `)
  expect((await fetch(demo.roomUrl)).status).toBe(200)
})

test('a message that is too long is refused before it is read whole', async () => {
  const demo = await openDemo()
  const body = JSON.stringify({ platform: 'whatsapp', text: 'x'.repeat(10_000) })
  const answer = await fetch(`${demo.roomUrl}messages`, { method: 'POST', body })
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { detail: 'A message has at most 8000 bytes.' },
  ])
})

test('a page that comes back gets only the steps it has not seen', async () => {
  const demo = await openDemo()
  for (const step of ['one', 'two', 'three']) demo.parts.narrator.step('pipeline', step)
  const all = await readIds(demo, 3)
  const rest = await readIds(demo, 2, all[0])
  expect(rest).toEqual(all.slice(1))
  const ofAnotherRun = await readIds(demo, 3, 'another-run/2')
  expect(ofAnotherRun).toEqual(all)
})

test('two demos run side by side, and each shows its own', async () => {
  const [one, two] = [await openDemo(), await openDemo()]
  await simulatedSide(one).simulator.post(
    { type: 'text', text: 'Hello' },
    simulatedSide(one).webhookUrl,
  )
  await expect.poll(() => simulatedSide(one).simulator.sent.length).toBe(1)
  expect(two.parts.conversations.lines()).toEqual([])
})

test('a port that is taken is one clear error, and nothing stays behind', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const real = { accounts: [], publicUrl: 'https://demo.example', port }
  await expect(openDemo({ real })).rejects.toMatchObject({
    code: 'DEMO_PORT_TAKEN',
    message: `Port ${port} of 127.0.0.1 is taken; choose another with --port`,
  })
})

test('the way that a tunnel leads to has no control room', async () => {
  const demo = await openDemo()
  const { origin } = new URL(simulatedSide(demo).webhookUrl)
  expect((await fetch(`${origin}/room/`)).status).toBe(404)
})

async function openDemo(config: Omit<DemoConfig, 'folder'> = {}): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const demo = await startDemo({ ...config, folder }, silentNarrator)
  onTestFinished(() => demo[Symbol.asyncDispose]())
  return demo
}

/** What no well-behaved client would send. */
async function raw(port: string, request: string): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1')
  const [head = '', body = ''] = request.split('\r\n\r\n')
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`)
  return await text(socket)
}

async function readIds(demo: Demo, count: number, last?: string): Promise<string[]> {
  const headers = last === undefined ? {} : { 'last-event-id': last }
  const { body } = await fetch(`${demo.roomUrl}steps`, { headers })
  let seen = ''
  for await (const chunk of body ?? []) {
    seen += Buffer.from(chunk).toString()
    const ids = [...seen.matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id)
    if (ids.length >= count) return ids
  }
  return []
}
