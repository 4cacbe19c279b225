import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import * as mine from '../src/index.ts'

// Each door holds a copy of what it needs, and an extension may bring an installed copy of its own.
vi.resetModules()
const other = await import('../src/index.ts')

it('are two copies', () => {
  expect(other.createHookHost).not.toBe(mine.createHookHost)
})

it('a function of one copy finds its context in the host of the other', async () => {
  const name = async () => {
    await delay(1)
    return mine.currentHookContext()?.functionName
  }
  const result = await other
    .createHookHost({ diy: { name } })
    .invoke({ diy: true, function: 'name', options: {} })
  expect(result).toMatchObject({ ok: true, value: 'name' })
})

it('the host of one copy names each record that a builder of the other failed the page for', async () => {
  const answer = mine.postResponseMap({ each: () => mine.fail({ code: 'lost', message: 'Gone.' }) })
  const result = await other
    .createHookHost({ diy: { answer } })
    .invoke({ diy: true, function: 'answer', options: { postResponseMapData: [{}, {}] } })
  expect(result).toMatchObject({
    status: 422,
    errors: [
      { code: 'lost', message: 'Record 0: Gone.' },
      { code: 'lost', message: 'Record 1: Gone.' },
    ],
  })
})

it('record mode of one copy is as lenient as the host of the other', async () => {
  const page = mine.preMap({ each: () => mine.keep({ total: Number.NaN }) })
  const host = other.createHookHost({ diy: { page } }, { json: 'lossy' })
  const result = await host.invoke({ diy: true, function: 'page', options: { data: [1] } })
  expect(result).toMatchObject({ ok: true, json: '[{"data":{"total":null}}]' })
})

it('an error lost in a function of one copy fails its call in the host of the other', async () => {
  const source = new EventEmitter()
  const undo = mine.containUncaughtErrors(source as NodeJS.Process)
  const lose = () =>
    new Promise(() => {
      setTimeout(() => source.emit('uncaughtException', new Error('lost')), 1)
    })
  const result = await other
    .createHookHost({ diy: { lose } })
    .invoke({ diy: true, function: 'lose', options: {} })
  undo()
  expect(result).toMatchObject({ status: 422, errors: [{ message: 'lost' }] })
})
