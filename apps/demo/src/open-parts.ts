import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createHookHost } from '@mortise/extension-hooks'
import type { StorageProvider } from '@mortise/files-remote'
import { createSegmentsUploader } from '@mortise/segments-uploader'
import { createAcmeExtension } from './acme/hooks.ts'
import type { DemoConfig } from './config.ts'
import { createConversations } from './conversations.ts'
import { createHookCalls } from './hook-calls.ts'
import type { Narrator } from './narrator.ts'
import type { Parts } from './parts.ts'
import { openPlatform, type PlatformAccount } from './platforms.ts'
import { type FileLinks, openStorage } from './storage.ts'
import { openTransport } from './transport.ts'

/** What it takes to open the parts, as plain data: the demo and each of its workers get the same. */
export interface Setup {
  config: DemoConfig
  accounts: readonly PlatformAccount[]
  links: FileLinks
  /** `false`: replies leave as fast as they are made. Default: as fast as each platform allows. */
  sendLimits?: false
}

/** Keeps what was opened, to close it again in the opposite order. */
export type Use = <T extends AsyncDisposable>(resource: T) => T

/** What a process adds to the parts of its own. */
export interface OpenPartsOptions {
  narrator: Narrator
  use: Use
  /** Put around the storage: the control room's full disk. Default: nothing. */
  decorate?: (storage: StorageProvider) => StorageProvider
  onNews?: () => void
}

/** The only place where adapters are constructed. */
export async function openParts(setup: Setup, options: OpenPartsOptions): Promise<Parts> {
  const { config, accounts, links } = setup
  const { narrator, use, decorate = (storage) => storage } = options
  const downloadFolder = join(config.folder, 'downloads')
  await mkdir(downloadFolder, { recursive: true })
  const transport = use(await openTransport(config))
  const storage = decorate(await openStorage(config, links))
  const acme = createAcmeExtension()
  return {
    transport,
    platforms: accounts.map((account) => openPlatform(account, transport, setup.sendLimits)),
    storage,
    segments: use(createSegmentsUploader({ target: storage })),
    hooks: use(createHookHost(acme.extension)),
    hookCalls: createHookCalls(),
    deployHook: acme.deploy,
    downloadFolder,
    conversations: createConversations(options.onNews),
    narrator,
  }
}
