import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { CliIo } from '../src/cli/cli-io.ts'
import { restartOnChange } from '../src/cli/restart-on-change.ts'

const folder = await mkdtemp(join(tmpdir(), 'mortise-restart-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const entry = join(folder, 'endless.mjs')
const started = join(folder, 'started')

/** Never hears a signal again. Its own worker ends it after all, so that a failing test leaves nothing behind. */
const ENDLESS = `
import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
process.on('SIGTERM', () => undefined)
new Worker('setTimeout(() => process.kill(process.pid, "SIGKILL"), 8000)', { eval: true })
writeFileSync(process.env.STARTED, '')
for (;;);
`

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

it('starts a program in an endless loop again, and ends it', { timeout: 20_000 }, async () => {
  const controller = new AbortController()
  let out = ''
  const io: CliIo = {
    write: (text) => {
      out += text
    },
    warn: () => undefined,
    readInput: async () => '',
    env: {},
    colour: false,
    signal: controller.signal,
  }
  await writeFile(entry, ENDLESS)
  const env = { ...process.env, STARTED: started }
  const ended = restartOnChange({ entry, args: [entry], env, stopMs: 50 }, io)
  await until(() => existsSync(started))
  await rm(started)
  const changedAt = performance.now()
  await writeFile(entry, ENDLESS)
  await until(() => out === 'changed, starting again\n' && existsSync(started))
  controller.abort()
  expect(await ended).toBe(0)
  expect(performance.now() - changedAt).toBeLessThan(7_000)
})
