import { access, readFile } from 'node:fs/promises'
import type { MessageTransport } from '../message-transport.ts'
import { UsageError } from './cli-io.ts'

const SQLITE = 'sqlite:'

/**
 * The transport that an address names: `sqlite:<path>`, `nats://…` or `tls://…`. One that is not there is refused
 * rather than created. The client of NATS is asked for only when it is needed.
 */
export async function openTransport(options: {
  transport?: string | undefined
  prefix?: string | undefined
  creds?: string | undefined
}): Promise<MessageTransport> {
  const address = options.transport
  if (address?.startsWith(SQLITE)) return openSqlite(address.slice(SQLITE.length))
  if (address && /^(nats|tls):\/\//.test(address)) return openNats(address, options)
  throw new UsageError(
    `--transport must be sqlite:<path> or nats://<host>, but is ${address ?? 'missing'}`,
  )
}

async function openSqlite(path: string): Promise<MessageTransport> {
  await access(path).catch((cause) => {
    throw new Error(`${path || 'the file'} cannot be opened (${cause.code})`)
  })
  const { createSqliteMessageTransport } = await import('../sqlite/index.ts')
  return createSqliteMessageTransport({ path })
}

async function openNats(
  address: string,
  { prefix, creds }: { prefix?: string | undefined; creds?: string | undefined },
): Promise<MessageTransport> {
  const { openStoredNatsTransport } = await import('../nats/open-stored-transport.ts')
  if (creds === undefined) return openStoredNatsTransport(address, prefix)
  const { credsAuthenticator } = await import('@nats-io/transport-node')
  const authenticator = credsAuthenticator(await readCreds(creds))
  return openStoredNatsTransport({ servers: address, authenticator }, prefix)
}

async function readCreds(path: string): Promise<Uint8Array> {
  return readFile(path).catch(() => {
    throw new UsageError(`--creds ${path} is no readable file`)
  })
}
