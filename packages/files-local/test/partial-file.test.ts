import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { link, lstat, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { downloadToFile } from '../src/index.ts'
import { buildPackage } from './built-package.ts'
import { loopback, pattern, serve, type TestServer } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(5_000_000)
const options = { ...loopback, resume: true, maxAttempts: 1 }

/** A server that stops the first answer after so many bytes, and knows ranges. */
function serveStopping(
  after: number,
  etag = () => '"one"',
  content = () => body,
): Promise<TestServer> {
  let count = 0
  return serve((request, response) => {
    count += 1
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const partial = start > 0 && request.headers['if-range'] === etag()
    const part = content().subarray(partial ? start : 0)
    response.writeHead(partial ? 206 : 200, {
      etag: etag(),
      'content-length': part.length,
      ...(partial && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
    })
    if (count > 1) response.end(part)
    else response.write(part.subarray(0, after), () => setTimeout(() => response.destroy(), 50))
  })
}

describe('a download with resume', () => {
  it('goes on in a later call, and checks the digest of the whole', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveStopping(3_000_000)
    const sha256 = createHash('sha256').update(body).digest('hex')
    await expect(downloadToFile(server.url, folder.file('a'), options)).rejects.toThrow()
    expect(await folder.list()).toEqual(['.a.part', '.a.part.json'])
    const result = await downloadToFile(`${server.url}/?sig=2`, folder.file('a'), {
      ...options,
      sha256,
    })
    expect(result).toMatchObject({ resumed: 1, bytes: body.length, completeness: 'digest' })
    expect(Number(/\d+/.exec(server.requests[1]?.headers.range ?? ''))).toBeGreaterThan(1_000_000)
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
    expect(await folder.list()).toEqual(['a'])
  })

  it.each<[string, (part: string) => Promise<void>]>([
    [
      'was damaged at its end',
      async (part) => {
        const { size } = await stat(part)
        const content = await readFile(part)
        await writeFile(part, content.fill(0, size - 100))
      },
    ],
    ['is larger than the file', (part) => writeFile(part, Buffer.alloc(body.length + 1))],
    ['has no notes', (part) => writeFile(`${part}.json`, '')],
    ['has strange notes', (part) => writeFile(`${part}.json`, '{"v":1,"validator":{}}')],
    [
      'is of another address',
      async (part) => {
        const notes = JSON.parse(await readFile(`${part}.json`, 'utf8')) as object
        await writeFile(`${part}.json`, JSON.stringify({ ...notes, source: 'other' }))
      },
    ],
  ])('begins again when what was left %s', async (_what, spoil) => {
    await using folder = await temporaryFolder()
    await using server = await serveStopping(3_000_000)
    await expect(downloadToFile(server.url, folder.file('a'), options)).rejects.toThrow()
    await spoil(folder.file('.a.part'))
    await downloadToFile(server.url, folder.file('a'), { ...options, maxAttempts: 2 })
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
    expect(await folder.list()).toEqual(['a'])
  })

  it('begins again when the file has changed on the server', async () => {
    await using folder = await temporaryFolder()
    let version = 1
    const other = pattern(body.length, 9)
    await using server = await serveStopping(
      3_000_000,
      () => `"${version}"`,
      () => (version === 1 ? body : other),
    )
    await expect(downloadToFile(server.url, folder.file('a'), options)).rejects.toThrow()
    version = 2
    await downloadToFile(server.url, folder.file('a'), options)
    expect((await readFile(folder.file('a'))).equals(other)).toBe(true)
  })

  it('leaves nothing when the server gives no strong tag', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveStopping(3_000_000, () => 'W/"weak"')
    await expect(downloadToFile(server.url, folder.file('a'), options)).rejects.toThrow()
    expect(await folder.list()).toEqual([])
  })

  it('is alone with what was left: a second one at the same time starts for itself', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveStopping(3_000_000)
    await expect(downloadToFile(server.url, folder.file('a'), options)).rejects.toThrow()
    await Promise.all([1, 2, 3].map(() => downloadToFile(server.url, folder.file('a'), options)))
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
    expect(await folder.list()).toEqual(['a'])
  })

  it.each([
    ['a process that is gone', '999999999 1', 1],
    ['an earlier process of our number', `${process.pid} 1`, 1],
    ['nobody', 'nonsense', 1],
    ['a process that lives', `${process.ppid} 1`, 0],
  ])('with a lock of %s', async (_whose, content, resumed) => {
    await using folder = await temporaryFolder()
    await using server = await serveStopping(3_000_000)
    await expect(downloadToFile(server.url, folder.file('a'), options)).rejects.toThrow()
    await writeFile(folder.file('.a.part.lock'), content)
    const result = await downloadToFile(server.url, folder.file('a'), options)
    expect(result.resumed).toBe(resumed)
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
    expect((await folder.list()).includes('.a.part')).toBe(resumed === 0)
  })

  it.each([
    ['.a.part', symlink],
    ['.a.part', link],
    ['.a.part.json', symlink],
  ] as const)(
    'writes to no file of somebody else that %s is made to point to',
    async (name, make) => {
      await using folder = await temporaryFolder()
      await using server = await serveStopping(3_000_000)
      await writeFile(folder.file('other'), 'before')
      await make(folder.file('other'), folder.file(name))
      await downloadToFile(server.url, folder.file('a'), { ...options, maxAttempts: 2 })
      expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
      expect(await readFile(folder.file('other'), 'utf8')).toBe('before')
      expect((await lstat(folder.file('a'))).isFile()).toBe(true)
    },
  )

  it('takes a name as long as the file system does', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveStopping(3_000_000)
    const name = 'n'.repeat(255)
    await expect(downloadToFile(server.url, folder.file(name), options)).rejects.toThrow()
    const result = await downloadToFile(server.url, folder.file(name), options)
    expect(result.resumed).toBe(1)
    expect(await folder.list()).toEqual([name])
  })

  it('takes no onData', async () => {
    const failed = downloadToFile('http://127.0.0.1:1/', '/tmp/a', { ...options, onData: () => {} })
    await expect(failed).rejects.toThrow(/resume and onData/)
  })
})

describe('kill -9 in the middle', () => {
  /** Another process that downloads; it is killed when the server has sent some of the file. */
  async function kill(
    url: string,
    path: string,
    resume: boolean,
    started: Promise<void>,
  ): Promise<void> {
    await using built = await buildPackage()
    const script = `
      import { downloadToFile } from ${JSON.stringify(built.url)}
      const [url, path, resume] = process.argv.slice(-3)
      await downloadToFile(url, path, { allow: 'anywhere', resume: resume === 'true' })`
    const child = spawn(
      process.execPath,
      [
        '--conditions=@mortise/source',
        '--no-warnings',
        '--input-type=module',
        '-e',
        script,
        '--',
        url,
        path,
        String(resume),
      ],
      { stdio: 'inherit' },
    )
    await started
    await sleep(300)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
  }

  it.each([true, false])(
    'leaves nothing under the name, resume %s',
    { timeout: 20_000 },
    async (resume) => {
      await using folder = await temporaryFolder()
      const started = Promise.withResolvers<void>()
      let count = 0
      await using server = await serve((request, response) => {
        count += 1
        const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
        const part = body.subarray(start)
        response.writeHead(start > 0 ? 206 : 200, {
          etag: '"one"',
          'content-length': part.length,
          ...(start > 0 && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
        })
        if (count > 1) response.end(part)
        else response.write(part.subarray(0, 3_000_000), () => started.resolve())
      })
      await kill(server.url, folder.file('a'), resume, started.promise)
      expect(await folder.list()).not.toContain('a')
      const result = await downloadToFile(server.url, folder.file('a'), { ...loopback, resume })
      expect(result.resumed).toBe(resume ? 1 : 0)
      expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
    },
  )
})
