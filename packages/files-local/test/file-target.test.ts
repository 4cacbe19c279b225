import { execFile } from 'node:child_process'
import {
  chmod,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createDownloader, downloadToFile } from '../src/index.ts'
import { buildPackage } from './built-package.ts'
import { loopback, pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)
const body = pattern(300_000)
const unwritable = { kind: 'permanent', code: 'FILES_LOCAL_TARGET_UNWRITABLE' }
const whole = (): ReturnType<typeof serve> => serve((_request, response) => response.end(body))

describe('the path', () => {
  it('of a folder is refused, and nothing is requested', async () => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    await mkdir(folder.file('sub'))
    const failed = downloadToFile(server.url, folder.file('sub'), loopback)
    await expect(failed).rejects.toMatchObject(unwritable)
    expect(server.connections).toBe(0)
  })

  it('in a folder that is missing is refused, and the folder is not made', async () => {
    await using folder = await temporaryFolder()
    const failed = downloadToFile('http://127.0.0.1:1/', folder.file('no/a'), loopback)
    await expect(failed).rejects.toMatchObject({ ...unwritable, details: { phase: 'target' } })
    expect(await folder.list()).toEqual([])
  })

  it('through a file is refused', async () => {
    await using folder = await temporaryFolder()
    await writeFile(folder.file('file'), '')
    const failed = downloadToFile('http://127.0.0.1:1/', folder.file('file/a'), loopback)
    await expect(failed).rejects.toMatchObject(unwritable)
  })

  it.each(['a\0b', ''])('%j is refused', async (path) => {
    const failed = downloadToFile('http://127.0.0.1:1/', path, loopback)
    await expect(failed).rejects.toThrow(TypeError)
  })

  it('of a file that is read-only, or in a read-only folder, is refused', async () => {
    await using folder = await temporaryFolder()
    await using built = await buildPackage()
    await mkdir(folder.file('closed'), { mode: 0o555 })
    await writeFile(folder.file('kept'), 'before', { mode: 0o444 })
    await chmod(folder.path, 0o777)
    const script = `
      import { downloadToFile } from ${JSON.stringify(built.url)}
      if (process.getuid() === 0) process.setuid(65534)
      for (const path of process.argv.slice(2)) {
        await downloadToFile('http://127.0.0.1:1/', path, { allow: 'anywhere' }).catch((e) => console.log(e.code))
      }`
    await writeFile(folder.file('try.mjs'), script)
    const node = ['--conditions=@mortise/source', '--no-warnings', folder.file('try.mjs')]
    const paths = [folder.file('closed/a'), folder.file('kept')]
    const { stdout } = await run(process.execPath, [...node, ...paths])
    expect(stdout.trim().split('\n')).toEqual(paths.map(() => unwritable.code))
    expect(await readFile(folder.file('kept'), 'utf8')).toBe('before')
  })

  it('may be a symbolic link: what it points to is replaced, the link stays', async () => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    await mkdir(folder.file('elsewhere'))
    await writeFile(folder.file('elsewhere/real'), 'before')
    await symlink('elsewhere/real', folder.file('link'))
    const result = await downloadToFile(server.url, folder.file('link'), loopback)
    expect(result.path).toMatch(/elsewhere\/real$/)
    expect(await readlink(folder.file('link'))).toBe('elsewhere/real')
    expect((await readFile(folder.file('elsewhere/real'))).equals(body)).toBe(true)
  })

  it('may be a link to nothing: then it is refused rather than replaced', async () => {
    await using folder = await temporaryFolder()
    await symlink('nowhere', folder.file('link'))
    const failed = downloadToFile('http://127.0.0.1:1/', folder.file('link'), loopback)
    await expect(failed).rejects.toMatchObject(unwritable)
    expect((await lstat(folder.file('link'))).isSymbolicLink()).toBe(true)
  })

  it('may be a pipe, which is written in order', async () => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    await run('mkfifo', [folder.file('pipe')])
    const reading = open(folder.file('pipe'), 'r').then(async (handle) => {
      const content = await handle.readFile()
      await handle.close()
      return content
    })
    await downloadToFile(server.url, folder.file('pipe'), loopback)
    expect((await reading).equals(body)).toBe(true)
    expect(await folder.list()).toEqual(['pipe'])
  })

  it('may have a name as long as the file system takes', async () => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    const name = 'ä'.repeat(127)
    await downloadToFile(server.url, folder.file(name), loopback)
    expect(await folder.list()).toEqual([name])
  })
})

describe('the file', () => {
  it('keeps the permissions that it had', async () => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    await writeFile(folder.file('a'), 'before')
    await chmod(folder.file('a'), 0o640)
    await downloadToFile(server.url, folder.file('a'), loopback)
    expect((await stat(folder.file('a'))).mode & 0o777).toBe(0o640)
  })

  it('gets the option mode when it is new', async () => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    await downloadToFile(server.url, folder.file('a'), { ...loopback, mode: 0o600 })
    expect((await stat(folder.file('a'))).mode & 0o777).toBe(0o600)
  })

  it('is not replaced when overwrite is false', async () => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    await writeFile(folder.file('a'), 'before')
    const failed = downloadToFile(server.url, folder.file('a'), { ...loopback, overwrite: false })
    await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_TARGET_EXISTS' })
    expect(server.connections).toBe(0)
    expect(await readFile(folder.file('a'), 'utf8')).toBe('before')
  })

  it('is not replaced either when it appeared meanwhile', async () => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    const onData = (): Promise<void> => writeFile(folder.file('a'), 'meanwhile')
    const options = { ...loopback, overwrite: false, onData }
    const failed = downloadToFile(server.url, folder.file('a'), options)
    await expect(failed).rejects.toMatchObject({ code: 'FILES_LOCAL_TARGET_EXISTS' })
    expect(await folder.list()).toEqual(['a'])
    expect(await readFile(folder.file('a'), 'utf8')).toBe('meanwhile')
  })

  it('is whole when several downloads write to one path', async () => {
    await using folder = await temporaryFolder()
    const versions = [1, 2, 3, 4].map((seed) => pattern(200_000, seed))
    await using server = await serve((request, response) => {
      response.end(versions[Number(request.url?.slice(1))])
    })
    await using downloader = createDownloader(loopback)
    await Promise.all(
      versions.map((_, index) =>
        downloader.downloadToFile(`${server.url}/${index}`, folder.file('a')),
      ),
    )
    const content = await readFile(folder.file('a'))
    expect(versions.some((version) => version.equals(content))).toBe(true)
    expect(await folder.list()).toEqual(['a'])
  })

  it.each(['none', 'file', 'file-and-folder'] as const)('arrives with fsync %s', async (fsync) => {
    await using folder = await temporaryFolder()
    await using server = await whole()
    await downloadToFile(server.url, folder.file('a'), { ...loopback, fsync })
    expect((await readFile(folder.file('a'))).equals(body)).toBe(true)
  })

  it('may be empty', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end())
    const result = await downloadToFile(server.url, folder.file('a'), loopback)
    expect(result).toMatchObject({ bytes: 0, completeness: 'length' })
    expect((await stat(folder.file('a'))).size).toBe(0)
  })
})
