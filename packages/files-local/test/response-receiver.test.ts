import { expect, it } from 'vitest'
import { ResponseReceiver } from '../src/response-receiver.ts'

const limits = { headersTimeoutMs: 0, idleTimeoutMs: 0, minBytesPerSecond: 0 }

/** An answer of so many bytes whose body comes before anybody asks for it; whether the server was paused at each step. */
function receive(length: string | undefined, chunks: readonly Buffer[]) {
  const receiver = new ResponseReceiver({ limits, isResetting: () => false })
  let paused = false
  const controller = {
    pause: () => {
      paused = true
    },
    resume: () => {
      paused = false
    },
    abort: () => {},
  } as unknown as Parameters<ResponseReceiver['onResponseStart']>[0]
  receiver.onRequestStart(controller)
  receiver.onResponseStart(controller, 200, { 'content-length': length })
  const steps = [paused]
  for (const chunk of chunks) {
    receiver.onResponseData(controller, chunk)
    steps.push(paused)
  }
  return { receiver, steps }
}

it('a short body waits whole for who asks for it, and nobody is paused', async () => {
  const { receiver, steps } = receive('6', [Buffer.from('abc'), Buffer.from('def')])
  receiver.onResponseEnd()
  expect(steps).toEqual([false, false, false])
  let text = ''
  await receiver.body((chunk) => {
    text += chunk
  })
  expect(text).toBe('abcdef')
})

it.each(['131073', undefined])('a body of %s bytes pauses until it is asked for', (length) => {
  expect(receive(length, []).steps).toEqual([true])
})

it('a body that is longer than announced pauses', () => {
  expect(receive('3', [Buffer.from('abc'), Buffer.from('d')]).steps).toEqual([false, false, true])
})

it('a short body that comes in crumbs pauses', () => {
  const { steps } = receive('100', Array(100).fill(Buffer.from('a')))
  expect(steps.indexOf(true)).toBe(64)
})
