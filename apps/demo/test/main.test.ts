import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const TIMEOUT_MS = 60_000

test('an output that takes no more is one line and an exit code, and nothing stays behind', {
  timeout: TIMEOUT_MS,
}, async () => {
  const demo = await startProgram([], { output: openSync('/dev/full', 'w') })
  expect(await demo.ended()).toEqual({
    code: 1,
    problems: expect.stringMatching(/^The output cannot be written: ENOSPC.*\n$/),
    left: ['demo'],
  })
})

test('a reader that has seen enough ends it without a word, as it ends every program', {
  timeout: TIMEOUT_MS,
}, async () => {
  const demo = await startProgram([])
  await demo.begun
  demo.child.stdout?.destroy()
  expect(await demo.ended()).toEqual({ code: 141, problems: '', left: ['demo'] })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  '%s in the middle of the story ends it, and nothing stays behind',
  {
    timeout: TIMEOUT_MS,
  },
  async (signal, code) => {
    const demo = await startProgram([])
    await demo.begun
    demo.child.kill(signal)
    expect(await demo.ended()).toEqual({ code, problems: '', left: ['demo'] })
  },
)

test.each([
  [['--json'], {}, 2, /^Unknown option '--json'/],
  [['twice'], {}, 2, /^Unexpected argument 'twice'/],
  [['--keep'], { TELEGRAM_BOT_TOKEN: '1:a' }, 1, /^DEMO_PUBLIC_URL is missing: start a tunnel/],
  [[], { S3_ENDPOINT: 'nonsense' }, 1, /^S3 at nonsense: .*Look at S3_ENDPOINT/],
  [[], { S3_ENDPOINT: 'http://127.0.0.1:1' }, 1, /^S3 at http:\/\/127.0.0.1:1: .*ECONNREFUSED/],
  [[], { NATS_URL: 'nats://127.0.0.1:1' }, 1, /^NATS at nats:.*refused\. Look at NATS_URL/],
] as const)('%j with %j ends with %i and says why', { timeout: TIMEOUT_MS }, async (...row) => {
  const [flags, env, code, problem] = row
  const demo = await startProgram([...flags], { env })
  demo.child.stdout?.resume()
  const { left, ...end } = await demo.ended()
  expect(end).toEqual({ code, problems: expect.stringMatching(problem) })
  expect(left).not.toContain('demo.pid')
})

test('a file in the place of its folder is named', { timeout: TIMEOUT_MS }, async () => {
  const demo = await startProgram([], { before: (cwd) => writeFile(join(cwd, '.mortise'), '') })
  demo.child.stdout?.resume()
  expect((await demo.ended()).problems).toMatch(/^Results cannot be kept in .*\.mortise: EEXIST/)
})

interface Surroundings {
  env?: NodeJS.ProcessEnv
  output?: number
  before?: (cwd: string) => Promise<void>
}

async function startProgram(flags: string[], { env, output, before }: Surroundings = {}) {
  const cwd = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  await before?.(cwd)
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=@mortise/source', PROGRAM, ...flags],
    { cwd, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', output ?? 'pipe', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const dead = once(child, 'close') as Promise<[number | null]>
  const begun = Promise.race([child.stdout ? once(child.stdout, 'data') : undefined, dead])
  const ended = async () => {
    const [[code], problems] = await Promise.all([
      dead,
      text(child.stderr as NodeJS.ReadableStream),
    ])
    return { code, problems, left: await readdir(join(cwd, '.mortise')).catch(() => []) }
  }
  return { child, begun, ended }
}
