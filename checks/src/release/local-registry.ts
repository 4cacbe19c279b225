import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../scripts/servers/free-port.ts'

/** A registry of our own on loopback, with a user who may publish. */
export interface LocalRegistry {
  url: string
  token: string
  close: () => Promise<void>
}

const START_TIMEOUT_MS = 10_000

/** Starts an empty registry that holds only what is published to it. */
export async function startLocalRegistry(program: string, folder: string): Promise<LocalRegistry> {
  const config = join(folder, 'registry.yaml')
  await writeFile(config, configuration(folder))
  const port = await freePort() // tarball addresses carry the port, so it is chosen first
  const url = `http://127.0.0.1:${port}`
  const child = spawn(program, ['--config', config, '--listen', `127.0.0.1:${port}`], {
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const close = async () => {
    child.kill()
    await ended
  }
  try {
    return { url, token: await createUser(url), close }
  } catch (error) {
    await close()
    throw error
  }
}

function configuration(folder: string): string {
  return `storage: ${join(folder, 'storage')}
secret: ${randomBytes(16).toString('hex')}
auth:
  htpasswd:
    file: ${join(folder, 'htpasswd')}
    max_users: 10
registries:
  own:
    type: hosted
    packages:
      '**':
        access: $all
        publish: $authenticated
  all:
    type: router
    sources: [own]
defaultRegistry: all
`
}

async function createUser(url: string): Promise<string> {
  const name = 'releaser'
  const body = JSON.stringify({ name, password: randomBytes(16).toString('hex'), type: 'user' })
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const answer = await fetch(`${url}/-/user/org.couchdb.user:${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    }).catch(() => undefined)
    if (answer?.ok) return ((await answer.json()) as { token: string }).token
    if (answer || Date.now() > deadline) {
      throw new Error(`The local registry refused a user: ${answer?.status ?? 'no answer'}`)
    }
    await sleep(50)
  }
}
