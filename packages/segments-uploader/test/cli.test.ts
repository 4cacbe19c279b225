import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { main } from '../src/cli/main.ts'
import { createTestBucket, type TestBucket } from './s3-bucket.ts'

const server = inject('s3') as S3Server

const PROGRAM = fileURLToPath(new URL('../src/cli/mortise-segments.ts', import.meta.url))

async function* inPieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5)
}

async function run(
  args: string[],
  stdin: string | AsyncIterable<string | Buffer> = '',
  env: NodeJS.ProcessEnv = {},
  interrupted = new AbortController(),
) {
  const written = { stdout: '', stderr: '' }
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      write: (chunk, _encoding, done) => {
        written[name] += chunk
        done()
      },
    })
  const input = Readable.from(typeof stdin === 'string' ? [stdin] : stdin)
  const streams = { stdin: input, stdout: into('stdout'), stderr: into('stderr') }
  const interruption = () => interrupted.signal
  const code = await main(args, { ...streams, env, interruption, version: '1.2.3' })
  return { code, ...written }
}

describe('mortise-segments', () => {
  it.each([
    [[], 'give a command: upload, compact, verify, stats'],
    [['fly'], 'fly is not a command'],
    [['verify', '--day', 'today'], '--day: received today; give YYYY-MM-DD'],
    [['verify', '--day', '2026-02-30'], '--day: received 2026-02-30; give YYYY-MM-DD'],
    [['verify', '--file', 'a', '--format', 'csv'], 'format: received "csv"; give one of json'],
    [['verify', '--file', 'a', '--compression', 'zip'], 'compression: received "zip"; give one'],
    [['verify', '--colour'], "Unknown option '--colour'"],
    [['upload'], 'give --bucket or --config'],
    [['upload', '--bucket', 'b'], 'AWS_ACCESS_KEY_ID: it is missing; '],
    [['upload', '--bucket', 'b', '--time-zone', 'Nowhere'], '--time-zone: give an IANA name'],
    [['upload', '--bucket', 'b', '--day', '2026-11-21'], '--day: upload has no use for it'],
    [['verify', '--key-field', 'id'], '--key-field: verify has no use for it; only upload'],
    [['verify', '--file', 'a', '--bucket', 'b'], '--bucket: --file stands for it'],
    [['upload', '--config', 'a', '--prefix', 'b'], '--prefix: --config stands for it'],
    [['upload', '--config', '/no/such/file'], '--config: /no/such/file cannot be read'],
  ])('explains a wrong command line and answers 2: %j', async (args, message) => {
    const { code, stderr } = await run(args)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  it('answers --help and --version', async () => {
    await expect(run(['--version'])).resolves.toMatchObject({ code: 0, stdout: '1.2.3\n' })
    const { code, stdout } = await run(['--help'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('Exit codes')])
  })

  it('never shows what stands in a broken configuration', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'segments-cli-'))
    const path = join(folder, 'config.json')
    await writeFile(path, '{"aws_secret_access_key": hunter2')
    const { code, stderr } = await run(['upload', '--config', path])
    expect([code, stderr]).toEqual([2, expect.not.stringContaining('hunter2')])
    await rm(folder, { recursive: true })
  })

  it('says in a line that its output is lost, and answers 1', () => {
    const command = 'exec "$0" --conditions=@mortise/source "$1" --help >/dev/full'
    const ended = spawnSync('sh', ['-c', command, process.execPath, PROGRAM], { encoding: 'utf8' })
    expect(ended.status).toBe(1)
    expect(ended.stderr).toMatch(/^mortise-segments: the output could not be written: [^\n]*\n$/)
  })

  it('ends in peace when nobody reads its output any more', () => {
    const command = 'set -o pipefail; "$0" --conditions=@mortise/source "$1" --help | true'
    const ended = spawnSync('bash', ['-c', command, process.execPath, PROGRAM], {
      encoding: 'utf8',
    })
    expect(ended).toMatchObject({ status: 0, stderr: '' })
  })

  it('verifies a file on this machine', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'segments-cli-'))
    const path = join(folder, 'day.json')
    await writeFile(path, '{"profiles":[{"smi_uid":1,"segments":["a"]},{"smi_uid":1}]}')
    const whole = await run(['stats', '--file', path, '--json'])
    expect(JSON.parse(whole.stdout)).toMatchObject({
      valid: true,
      profiles: 2,
      distinctIds: 1,
      topSegments: [{ segment: 'a', profiles: 1 }],
    })
    await writeFile(path, `{"profiles":[{"segments":["\\u001b[2J${'x'.repeat(100)}"]}]}`)
    const { stdout } = await run(['stats', '--file', path])
    expect(stdout).toContain(`segment        1 ×  [2J${'x'.repeat(76)}…\n`)
    await writeFile(path, '{"profiles":[{"smi_uid":1},{"smi')
    const broken = await run(['verify', '--file', path])
    expect(broken).toMatchObject({ code: 1, stdout: `${path} is not whole: it ends early\n` })
    await rm(folder, { recursive: true })
  })
})

describeWithS3('mortise-segments with a bucket', () => {
  let s3: TestBucket
  beforeAll(async () => {
    s3 = await createTestBucket(server)
  })
  afterAll(async () => {
    await s3[Symbol.asyncDispose]()
  })
  const inBucket = (
    args: string[],
    stdin?: string | AsyncIterable<string | Buffer>,
    interrupted?: AbortController,
  ) => {
    const env = {
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    }
    const place = ['--bucket', s3.bucket, '--endpoint', server.endpoint]
    return run([...args, ...place], stdin, env, interrupted)
  }

  it('uploads lines, names the refused ones and verifies what stands there', async () => {
    const lines = [
      '{"id":"e1","traits":{"smi_uid":"u1"},"segments":["a"]}',
      'not json',
      '{"traits":{}}',
      '',
      '{"id":"e1","traits":{"smi_uid":"u1"},"segments":["a"]}',
      '{"id":"e2","traits":{"smi_uid":"u2"},"segments":["a","b"]}',
    ].join('\n')
    const upload = await inBucket(['upload', '--key-field', 'id'], lines)
    expect(upload).toEqual({
      code: 1,
      stdout: '2 uploaded, 1 were there already, 2 refused\n',
      stderr: 'line 2: it is not valid JSON\nline 3: Could not find payload.traits.smi_uid\n',
    })
    const verify = await inBucket(['verify'])
    expect(verify.code).toBe(0)
    expect(verify.stdout).toMatch(/^\d{4}-\d\d-\d\d_segments\.json is whole: 2 profiles\n$/)
  })

  it('puts each event into the day of its own time', async () => {
    const lines = [
      { at: '2026-11-20T23:59:59Z', traits: { smi_uid: 'u1' } },
      { at: '2026-11-20T23:30:00-01:00', traits: { smi_uid: 'u2' } },
      { at: Date.UTC(2026, 10, 20), traits: { smi_uid: 'u3' } },
      { at: '2026-11-20', traits: { smi_uid: 'u4' } },
      { at: 1_795_000_000, traits: { smi_uid: 'u5' } },
      { traits: { smi_uid: 'u6' } },
    ]
    const stdin = lines.map((line) => JSON.stringify(line)).join('\n')
    const upload = await inBucket(['upload', '--time-field', 'at', '--prefix', 't/'], stdin)
    const reason = 'its at is not an instant; give ISO 8601 with a zone, or milliseconds since 1970'
    expect(upload.stderr).toBe([4, 5, 6].map((line) => `line ${line}: ${reason}\n`).join(''))
    expect(upload).toMatchObject({ code: 1, stdout: expect.stringContaining('3 uploaded') })
    const profilesOf = async (day: string) => {
      const stats = await inBucket(['stats', '--day', day, '--prefix', 't/', '--json'])
      return JSON.parse(stats.stdout).profiles
    }
    expect([await profilesOf('2026-11-20'), await profilesOf('2026-11-21')]).toEqual([2, 1])
  })

  it('takes lines as NDJSON has them: line feeds alone end them, and all of them are UTF-8', async () => {
    const lines = Buffer.concat([
      Buffer.from('\ufeff{"traits":{"smi_uid":"u1"},"segments":["a\u2028b"]}\r\n'),
      Buffer.from('{"traits":{"smi_uid":"\xff"}}\n', 'latin1'),
      Buffer.from('{"traits":{"smi_uid":"u3"}}'),
    ])
    const upload = await inBucket(['upload', '--prefix', 'l/', '--json'], inPieces(lines))
    expect(upload.stderr).toBe('line 2: it is not valid UTF-8\n')
    expect(JSON.parse(upload.stdout)).toMatchObject({ uploaded: 2, refused: 1 })
  })

  it('refuses keys that JSON numbers cannot tell apart', async () => {
    const line = (id: string) => `{"id":${id},"traits":{"smi_uid":"u1"}}\n`
    const lines = line('9007199254740993') + line('9007199254740992') + line('7')
    const upload = await inBucket(['upload', '--prefix', 'n/', '--key-field', 'id'], lines)
    expect(upload.stderr).toContain('line 1: its id is a number that JSON readers round')
    expect(upload.stdout).toBe('1 uploaded, 0 were there already, 2 refused\n')
  })

  it('answers what it read when it is interrupted', async () => {
    const interrupted = new AbortController()
    const lines = async function* () {
      yield '{"traits":{"smi_uid":"u1"}}\n'
      await sleep(20)
      interrupted.abort()
      yield '{"traits":{"smi_uid":"u2"}}\n'
    }
    const upload = await inBucket(['upload', '--prefix', 'i/', '--json'], lines(), interrupted)
    expect(upload).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') })
    const { uploaded } = JSON.parse(upload.stdout)
    const stats = await inBucket(['stats', '--prefix', 'i/', '--json'])
    expect([uploaded, JSON.parse(stats.stdout).profiles]).toEqual([1, 1])
  })

  it('refuses lines without the key that was asked for', async () => {
    const line = '{"traits":{"smi_uid":"u1"},"event":{}}'
    const upload = await inBucket(['upload', '--key-field', 'event', '--prefix', 'k/'], line)
    expect(upload).toMatchObject({
      code: 1,
      stderr: 'line 1: its event is not a text or a number, so it cannot be counted once\n',
    })
  })

  it('folds a journal of a day', async () => {
    const line = '{"traits":{"smi_uid":"u3"},"segments":[]}'
    const upload = await inBucket(['upload', '--delivery', 'journal', '--prefix', 'j/'], line)
    expect(upload.code).toBe(0)
    const compact = await inBucket(['compact', '--prefix', 'j/', '--json'])
    expect(JSON.parse(compact.stdout)).toEqual({ objects: 0, profiles: 0 })
    const stats = await inBucket(['stats', '--prefix', 'j/', '--json'])
    expect(JSON.parse(stats.stdout)).toMatchObject({ profiles: 1, waiting: 0 })
  })

  it('answers 3 when the store cannot be used', async () => {
    const args = ['verify', '--endpoint', server.endpoint, '--bucket', s3.bucket]
    const { code } = await run(args, '', {
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'wrong',
    })
    expect(code).toBe(3)
  })
})
