import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { describeWithNats } from '../../../scripts/vitest/servers.ts'

const MODULE = new URL('../src/find-servers.ts', import.meta.url)
const PROGRAM = `
  import { findServers } from '${MODULE}'
  const options = { say: () => {}, signal: new AbortController().signal }
  const { config } = await findServers({ folder: '.' }, { nats: true, s3: false }, options)
  console.log(config.natsUrl)
  setInterval(() => {}, 1000)`

describeWithNats('a demo that is killed', () => {
  test('leaves no server behind, nor its files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const { NATS_URL: _, ...env } = process.env
    const child = spawn(
      process.execPath,
      ['--conditions=@mortise/source', '--input-type=module-typescript', '-e', PROGRAM],
      { env: { ...env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [url] = await once(child.stdout, 'data')
    expect(await isListening(new URL(String(url).trim()).port)).toBe(true)
    expect(await readdir(folder)).toHaveLength(1)

    child.kill('SIGKILL')

    await expect.poll(() => isListening(new URL(String(url).trim()).port)).toBe(false)
    await expect.poll(() => readdir(folder)).toEqual([])
  })
})

async function isListening(port: string): Promise<boolean> {
  const socket = connect(Number(port), '127.0.0.1')
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return open
}
