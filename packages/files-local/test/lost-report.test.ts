import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { buildPackage } from './built-package.ts'
import { serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A device on which every write fails as on a full disk. */
const FULL = '/dev/full'

it.runIf(existsSync(FULL))(
  'a report that cannot be written is one line and exit code 1, and the files are there all the same',
  { timeout: 30_000 },
  async () => {
    await using built = await buildPackage()
    await using folder = await temporaryFolder()
    await using server = await serve((request, response) => {
      response.writeHead(request.url === '/busy' ? 503 : 200).end('hello')
    })
    await using full = await open(FULL, 'w')
    const command = async (argv: string[], lost: 'stdout' | 'stderr') => {
      const stdio = (name: string) => (name === lost ? full.fd : ('pipe' as const))
      const child = spawn(process.execPath, [built.commandPath, ...argv], {
        stdio: ['ignore', stdio('stdout'), stdio('stderr')],
      })
      const other = child.stdout ?? child.stderr
      const [told, [code]] = await Promise.all([other && text(other), once(child, 'exit')])
      return { told, code }
    }
    const to = ['--allow', '127.0.0.1', '--max-attempts', '1', '-d', folder.path]
    const line = /^mortise-download: the report could not be written: ENOSPC[^\n]*\n$/
    const missed = { told: expect.stringMatching(line), code: 1 }
    const [one, two, busy] = ['one', 'two', 'busy'].map((name) => `${server.url}/${name}`)
    expect(await command(['--help'], 'stdout')).toEqual(missed)
    expect(await command([`${one}`, `${two}`, ...to], 'stdout')).toEqual(missed)
    expect(await folder.list()).toEqual(['one', 'two'])
    expect(await command([`${busy}`, ...to, '--json'], 'stdout')).toEqual({ ...missed, code: 3 })
    expect(await command([`${busy}`, ...to], 'stderr')).toEqual({ told: '', code: 3 })
  },
)
