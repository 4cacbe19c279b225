import type { HookHost } from '@mortise/extension-hooks'
import type { StorageProvider } from '@mortise/files-remote'
import type { InboundEvent, MessageTransport } from '@mortise/messaging-sdk'
import type { SegmentsUploader } from '@mortise/segments-uploader'
import type { Conversations } from './conversations.ts'
import type { Narrator } from './narrator.ts'
import type { OpenPlatform } from './platforms.ts'

/** Everything the pipeline works with: interfaces only, so that it never knows which adapter it got. */
export interface Parts {
  transport: MessageTransport
  platforms: readonly OpenPlatform[]
  storage: StorageProvider
  segments: SegmentsUploader
  hooks: HookHost
  /** Deploys Acme's hook without its mistake. */
  repairHook: () => void
  /** Where downloads land before they go into storage. */
  downloadFolder: string
  conversations: Conversations
  narrator: Narrator
}

/** The platform that an event came from. */
export function platformOf(event: InboundEvent, { platforms }: Parts): OpenPlatform {
  const found = platforms.find(({ name }) => name === event.platform)
  if (!found) throw new TypeError(`No platform ${event.platform} in this demo`)
  return found
}
