import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createMemoryMessageTransport } from '../../src/memory/index.ts'
import { createSqliteMessageTransport } from '../../src/sqlite/index.ts'
import { messageTransportContract } from '../../src/testing/index.ts'

let folder: string
let files = 0
const nextPath = () => join(folder, `${files++}.db`)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messaging-sqlite-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('contract', () => {
  const checks = messageTransportContract({
    create: () => createSqliteMessageTransport({ path: nextPath() }),
  })
  for (const check of checks) it.concurrent(check.name, check.run)
})

describe('contract in memory', () => {
  const checks = messageTransportContract({ create: () => createMemoryMessageTransport() })
  for (const check of checks) it.concurrent(check.name, check.run)
})
