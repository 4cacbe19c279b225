import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { progressLine, size } from '../src/cli/progress-line.ts'
import { run } from '../src/cli/run.ts'
import { pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(200_000)

/** Runs the command and collects what it prints. */
async function command(
  argv: string[],
  { isTTY = false, signal = new AbortController().signal } = {},
): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' }
  const stream = (key: 'out' | 'err'): NodeJS.WriteStream =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, callback) {
          printed[key] += String(chunk)
          callback()
        },
      }),
      { isTTY, columns: 80, hasColors: () => isTTY },
    ) as unknown as NodeJS.WriteStream
  const code = await run(argv, {
    stdout: stream('out'),
    stderr: stream('err'),
    signal,
    version: '1.2.3',
  })
  return { code, ...printed }
}

describe('mortise-download', () => {
  it('writes the file and says what came of it', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const { code, out, err } = await command([
      `${server.url}/a.bin`,
      '-d',
      folder.path,
      '--allow',
      '127.0.0.1',
    ])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/✓ .*a\.bin {2}195\.3 KiB .* proven by length/)
    expect((await readFile(folder.file('a.bin'))).equals(body)).toBe(true)
  })

  it('refuses what is not public', async () => {
    await using folder = await temporaryFolder()
    const { code, err } = await command(['http://169.254.169.254/', '-o', folder.file('a')])
    expect(code).toBe(1)
    expect(err).toContain('FILES_LOCAL_ADDRESS_REFUSED')
  })

  it('prints JSON without the address', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((request, response) => {
      response.writeHead(request.url?.startsWith('/no') ? 404 : 200).end(body)
    })
    const urls = [`${server.url}/yes?key=s3cret`, `${server.url}/no?key=s3cret`]
    const argv = [...urls, '--json', '-d', folder.path, '--allow', '127.0.0.0/8']
    const { code, out } = await command(argv)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(lines).toMatchObject([
      { ok: true, bytes: body.length },
      { ok: false, code: 'NOT_FOUND', kind: 'permanent' },
    ])
    expect(code).toBe(1)
    expect(out).not.toContain('s3cret')
  })

  it('names the file as the server does, safely', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => {
      response
        .writeHead(200, { 'content-disposition': 'attachment; filename="../../x.pdf"' })
        .end(body)
    })
    const argv = [`${server.url}/raw`, '--remote-name', '-d', folder.path, '--allow', 'anywhere']
    expect((await command(argv)).code).toBe(0)
    expect(await folder.list()).toEqual(['x.pdf'])
  })

  it('replaces no file when the server names it, whatever the address ends in', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-disposition': 'attachment; filename=x.pdf' }).end(body)
    })
    await writeFile(folder.file('raw'), 'before')
    const argv = [`${server.url}/raw`, '--remote-name', '-d', folder.path, '--allow', 'anywhere']
    expect((await command(argv)).code).toBe(0)
    const again = await command(argv)
    expect(again.code).toBe(1)
    expect(again.err).toContain('FILES_LOCAL_TARGET_EXISTS')
    expect(await folder.list()).toEqual(['raw', 'x.pdf'])
    expect(await readFile(folder.file('raw'), 'utf8')).toBe('before')
  })

  it('checks the digest', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end(body))
    const argv = [server.url, '-o', folder.file('a'), '--allow', '127.0.0.1', '--sha256']
    const right = createHash('sha256').update(body).digest('hex')
    expect((await command([...argv, right])).code).toBe(0)
    expect((await command([...argv, '0'.repeat(64)])).code).toBe(1)
  })

  it.each([
    [429, 3],
    [503, 3],
    [401, 4],
    [404, 1],
  ])('ends a %d with exit code %d', async (status, code) => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.writeHead(status).end())
    const argv = [server.url, '-o', folder.file('a'), '--allow', '127.0.0.1', '--max-attempts', '1']
    expect((await command(argv)).code).toBe(code)
  })

  it.each([
    [[], /an address is missing/],
    [['https://a.example', 'https://b.example', '-o', 'x'], /one address/],
    [['https://a.example', '-o', 'x', '-d', 'y'], /excludes/],
    [
      ['https://a.example', '--max-bytes', 'many'],
      /--max-bytes must be a whole number of 1 or more/,
    ],
    [['https://a.example', '--max-bytes', '0'], /--max-bytes must be .* received "0"/],
    [['https://a.example', '--connections', '0'], /--connections must be .* received "0"/],
    [['https://a.example', '--connections', '1.5'], /--connections must be a whole number/],
    [['https://a.example', '--connections', '-1'], /--connections/],
    [['https://a.example', '--max-attempts', '0'], /--max-attempts must be .* received "0"/],
    [['https://a.example', '--timeout', '1e3'], /--timeout must be a number of seconds/],
    [['https://a.example', '--idle', '99999999'], /--idle must be .* from 0 to 2147483/],
    [['https://a.example', '--header', 'nocolon'], /Name: value/],
    [['https://a.example', '--no-such-option'], /no-such-option/],
    [['https://a.example', '--proxy', 'http://p:1'], /allow/],
    [['https://a.example', '--sha256', 'abc'], /hexadecimal/],
  ])('ends wrong usage %j with exit code 2', async (argv, message) => {
    const { code, err } = await command(argv)
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })

  it('shows help and version', async () => {
    expect(await command(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('Exit codes'),
    })
    expect(await command(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' })
  })

  it('shows progress on a terminal only', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => {
      response.write(body)
      setTimeout(() => response.end(), 400)
    })
    const argv = [server.url, '-o', folder.file('a'), '--allow', '127.0.0.1']
    expect((await command(argv, { isTTY: true })).err).toContain('195.3 KiB')
    expect((await command(argv)).err).toBe('')
  })

  it('ends an interruption with exit code 130 and leaves nothing', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.write(body))
    const argv = [server.url, '-o', folder.file('a'), '--allow', '127.0.0.1']
    expect((await command(argv, { signal: AbortSignal.timeout(100) })).code).toBe(130)
    expect(await folder.list()).toEqual([])
  })
})

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [5_000_000_000, '4.7 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text)
})

it.each([
  [0, '0 B'],
  [9.283684, '9 B'],
  [1536, '1.5 KiB'],
])('%d bytes are written for people', (bytes, text) => {
  expect(size(bytes)).toBe(text)
})

it('a progress line fits the terminal', () => {
  const progress = {
    bytes: 50,
    totalBytes: 100,
    bytesPerSecond: 10,
    remainingMs: 3_700_000,
    attempt: 2,
  }
  expect(progressLine('a.bin', progress, 200)).toBe(
    'a.bin  ██████████░░░░░░░░░░  50%  50 B of 100 B  10 B/s  1 h 1 min left  attempt 2',
  )
  expect(progressLine('a.bin', progress, 20)).toHaveLength(20)
  const long = progressLine('a-long-name-of-a-file.bin', progress, 90)
  expect(long).toMatch(/^a-long-n.*… .* attempt 2$/)
  expect(long).toHaveLength(90)
})
