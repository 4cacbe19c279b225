import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CliIo } from '../src/cli/cli-io.ts'
import { diffAnswers } from '../src/cli/diff-answers.ts'
import { inferKind } from '../src/cli/infer-kind.ts'
import { createRedact } from '../src/cli/redact.ts'
import { runCli } from '../src/cli/run-cli.ts'
import { hookFixture } from '../src/testing/index.ts'

const fixture = (name: string) =>
  fileURLToPath(new URL(`./fixtures/cli/${name}.mjs`, import.meta.url))
const TOKEN = '5f0c1d7be2a94c6d8b3e'
/** A device on which every write fails as on a full disk. */
const FULL = '/dev/full'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mortise-hooks-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function run(
  args: string[],
  {
    input = '',
    env = {},
    signal = new AbortController().signal,
    onWrite = (_: string) => undefined as undefined,
  } = {},
) {
  let out = ''
  let err = ''
  const io: CliIo = {
    write: (text) => {
      out += text
      onWrite(out)
    },
    warn: (text) => {
      err += text
    },
    readInput: async () => input,
    env,
    colour: false,
    signal,
  }
  return { code: await runCli(args, io, '1.2.3'), out, err }
}

const waitFor = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Serves until `work` is done. */
async function serve(args: string[], work: (url: string) => Promise<void>) {
  const controller = new AbortController()
  let started = false
  const serving = run([...args, '--port', '0'], {
    env: { INTEGRATOR_EXTENSION_SYSTEM_TOKEN: TOKEN },
    signal: controller.signal,
    onWrite: (out) => {
      const url = /POST (\S+)\/function/.exec(out)?.[1]
      if (url === undefined || started) return
      started = true
      void work(url).finally(() => controller.abort())
    },
  })
  return serving
}
const post = async (url: string, call: object) =>
  fetch(`${url}/function`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ diy: true, type: 'hook', ...call }),
  })

describe('mortise-hooks', () => {
  it('explains itself, and tells its version', async () => {
    expect(await run(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('replay') as string,
    })
    expect(await run(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' })
  })

  it.each([
    [[]],
    [['nonsense']],
    [['toString']],
    [['invoke']],
    [['invoke', fixture('good')]],
    [['invoke', fixture('absent'), 'f']],
    [['invoke', fixture('good'), 'double', '--nonsense']],
    [['invoke', fixture('good'), 'double', '--timeout', 'soon']],
    [['check']],
    [['record', fixture('good')]],
    [['replay', fixture('good')]],
    [['replay', fixture('good'), fixture('good')]],
    [['replay', fixture('good'), '/absent']],
    [['dev', fixture('good'), '--no-watch', '--port', 'x']],
    [['dev', fixture('good'), '--no-watch', '--port', '99999']],
    [['dev', fixture('good'), '--no-watch', '--hostname', 'nowhere.invalid']],
    [['invoke', fixture('good'), 'double', '--timeout', '99999999999']],
  ])('answers wrong usage %j with exit code 2 and a sentence', async (args) => {
    const { code, err } = await run(args)
    expect(code).toBe(2)
    expect(err).not.toBe('')
    expect(err).not.toMatch(/\n\s+at /)
  })

  it('ends quietly when the reader of its output has enough', async () => {
    const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
    const args = ['--conditions=@mortise/source', main, 'check', fixture('suspicious')]
    const child = spawn(process.execPath, args)
    child.stdout.destroy()
    expect(await text(child.stderr)).toBe('')
  })

  it.runIf(existsSync(FULL))('says in a line that its output could not be written', async () => {
    const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
    const args = ['--conditions=@mortise/source', main, 'check', fixture('good')]
    await using full = await open(FULL, 'w')
    const child = spawn(process.execPath, args, { stdio: ['ignore', full.fd, 'pipe'] })
    const [told, [code]] = await Promise.all([
      child.stderr && text(child.stderr),
      once(child, 'exit'),
    ])
    expect(told).toMatch(/^mortise-hooks: the output could not be written: ENOSPC[^\n]*\n$/)
    expect(code).toBe(1)
  })

  it('runs as a program', async () => {
    const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
    const child = spawn(process.execPath, [
      '--conditions=@mortise/source',
      main,
      'invoke',
      fixture('good'),
      'double',
      '--type',
      'hook',
      '--json',
    ])
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.stdin.end('{"data":[1,2]}')
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ ok: true, value: [{ data: 2 }, { data: 4 }] })
  })
})

describe('invoke', () => {
  it('prints the result, and fails with the error', async () => {
    const good = await run(['invoke', fixture('good'), 'double', '--type', 'hook'], {
      input: '{"data":[2]}',
    })
    expect([good.code, JSON.parse(good.out)]).toEqual([0, [{ data: 4 }]])
    const bad = await run(['invoke', fixture('good'), 'fails', '--type', 'hook'], { input: '{}' })
    expect([bad.code, bad.err]).toEqual([1, 'bad no good\n'])
  })

  it('reads the options from a file', async () => {
    const file = join(folder, 'options.json')
    await writeFile(file, '{"data":[5]}')
    expect(
      await run(['invoke', fixture('good'), 'double', '--type', 'hook', '--input', file]),
    ).toMatchObject({ code: 0 })
    await writeFile(file, 'no JSON')
    expect(await run(['invoke', fixture('good'), 'double', '--input', file])).toMatchObject({
      code: 2,
    })
  })
})

describe('check', () => {
  it('finds everything that is suspicious, without showing the token', async () => {
    const { code, out } = await run(['check', fixture('suspicious'), '--json'])
    const { findings } = JSON.parse(out) as { findings: { rule: string; where: string }[] }
    const found = findings.map(({ rule, where }) => `${rule} ${where.replace(/.*\//, '')}`)
    expect(code).toBe(1)
    for (const expected of [
      'untagged diy.flat',
      'shadowing-name diy.toString',
      'unreachable-group diy.hook',
      'unreachable-name diy.hooks.constructor',
      'extra-parameters diy.hooks.three',
      'async-callback diy.hooks.both',
      'hidden-callback diy.hooks.hidden',
      'mixed-groups diy',
      'lambda-parameters handler',
      'written-token suspicious.mjs:1',
    ]) {
      expect(found).toContain(expected)
    }
    expect(out).not.toContain('f3b1c9d8')
  })

  it('ends with 0 on warnings, unless it is strict', async () => {
    expect(await run(['check', fixture('good')])).toMatchObject({
      code: 0,
      out: expect.stringContaining('0 errors, 3 warnings') as string,
    })
    expect((await run(['check', fixture('good'), '--strict'])).code).toBe(1)
  })

  it('compares tags with what was recorded', async () => {
    const module = join(folder, 'tagged.mjs')
    const index = new URL('../src/index.ts', import.meta.url).href
    await writeFile(
      module,
      `import { postMap } from ${JSON.stringify(index)}\nexport const diy = { tidy: postMap(() => []) }`,
    )
    const captures = join(folder, 'captures.jsonl')
    const call = { diy: true, function: 'tidy', options: hookFixture('preMap') }
    await writeFile(captures, `${JSON.stringify({ call, status: 422, answer: {} })}\n`)
    expect(await run(['check', module, '--captures', captures])).toMatchObject({
      code: 1,
      out: expect.stringContaining('is tagged postMap, but was called as preMap') as string,
    })
  })

  it.each([
    'preSavePage',
    'preMap',
    'postMap',
    'postSubmit',
    'postResponseMap',
    'postAggregate',
    'preSave',
    'initChild',
    'changeEdition',
    'ping',
    'export',
    'import',
  ] as const)('knows the input of %s', (kind) => {
    expect(inferKind(hookFixture(kind))).toBe(kind)
  })

  it.each(['formInit', 'step', 'update'] as const)('does not guess the input of %s', (kind) => {
    expect(inferKind(hookFixture(kind))).toBeUndefined()
  })
})

describe('record and replay', () => {
  it('record without secrets, and replay shows what changed record by record', async () => {
    const file = join(folder, 'captures.jsonl')
    await serve(['record', fixture('good'), '--output', file, '--redact', 'email'], async (url) => {
      await post(url, {
        function: 'double',
        options: { data: [1, 2], bearerToken: 'SECRET-VALUE-1' },
      })
      await post(url, {
        function: 'leak',
        options: {
          bearerToken: 'SECRET-VALUE-2',
          connection: { encrypted: { a: 'SECRET-VALUE-3' } },
          Email: 'SECRET-VALUE-4',
        },
      })
      await post(url, { function: 'fails', options: {} })
    })
    const text = await readFile(file, 'utf8')
    expect(text.trim().split('\n')).toHaveLength(3)
    expect(text).not.toMatch(/SECRET/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)

    const same = await run(['replay', fixture('good'), file])
    expect(same.out).toContain('same 1 "double"')
    const { code, out } = await run(['replay', fixture('changed'), file])
    expect(code).toBe(1)
    expect(out).toContain('changed 1 "double"\n  [1].data: 4 → 5\n')
    expect(out).toContain('changed 3 "fails" 422 → 200')
  })

  it('never overwrites a file, and stops at its limit', async () => {
    const file = join(folder, 'captures.jsonl')
    await serve(['record', fixture('good'), '--output', file, '--max', '1'], async (url) => {
      for (const data of [[1], [2]])
        expect((await post(url, { function: 'double', options: { data } })).status).toBe(200)
    })
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(1)
    expect(await run(['record', fixture('good'), '--output', file])).toMatchObject({
      code: 2,
      err: expect.stringContaining('never overwrites') as string,
    })
  })

  it('redacts by name without case and keeps hostile names as data', () => {
    const value: unknown = JSON.parse(
      '{"BearerToken":"x","__proto__":{"Authorization":"y","a":[{"license":{"k":1}}]}}',
    )
    expect(JSON.stringify(createRedact([])(value))).toBe(
      '{"BearerToken":"[redacted]","__proto__":{"Authorization":"[redacted]","a":[{"license":"[redacted]"}]}}',
    )
  })

  it('stops comparing after so many differences', () => {
    expect(
      diffAnswers(
        Array.from({ length: 500 }, () => 1),
        [],
      ),
    ).toHaveLength(20)
    expect(diffAnswers({ a: 1 }, [1])).toEqual([{ path: '$', before: { a: 1 }, after: [1] }])
  })
})

describe('dev', () => {
  it('serves on this machine and prints one line a call', async () => {
    const { code, out } = await serve(['dev', fixture('good'), '--no-watch'], async (url) => {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/)
      await post(url, { function: 'double', options: { data: [1] } })
      await post(url, { function: 'fails', options: {} })
    })
    expect(code).toBe(0)
    expect(out).toMatch(/200 hook "double"/)
    expect(out).toMatch(/422 bad hook "fails"/)
  })

  it('serves a changed file again, however it was written, and outlives one that cannot be loaded', async () => {
    const module = join(folder, 'extension.mjs')
    const source = (answer: number) =>
      `export const diy = { f: (options, callback) => callback(null, ${answer}) }\n`
    await writeFile(module, source(1))
    const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
    const child = spawn(
      process.execPath,
      ['--conditions=@mortise/source', main, 'dev', module, '--port', '0'],
      {
        env: { ...process.env, INTEGRATOR_EXTENSION_SYSTEM_TOKEN: TOKEN },
      },
    )
    const urls: string[] = []
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk
    })
    child.stdout.on('data', (chunk: Buffer) => {
      for (const [, url] of chunk.toString().matchAll(/POST (\S+)\/function/g))
        urls.push(url as string)
    })
    const ready = async (count: number) => {
      await waitFor(() => urls.length >= count)
      const response = await post(urls[count - 1] as string, {
        type: undefined,
        function: 'f',
        options: {},
      })
      return response.json()
    }
    expect(await ready(1)).toBe(1)
    await writeFile(module, source(2))
    expect(await ready(2)).toBe(2)
    for (const [start, answer] of [
      [3, 3],
      [4, 4],
    ] as const) {
      await writeFile(`${module}.new`, source(answer))
      await rename(`${module}.new`, module)
      expect(await ready(start)).toBe(answer)
    }
    await writeFile(module, 'export const diy = {{{')
    await waitFor(() => err.includes('cannot be loaded'))
    await writeFile(module, source(5))
    expect(await ready(5)).toBe(5)
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(0)
    await expect(fetch(urls.at(-1) as string)).rejects.toThrow()
  }, 30_000)
})
