import type { HookHost } from '@mortise/extension-hooks'
import type { StorageProvider } from '@mortise/files-remote'
import type { InboundEvent, MessageTransport } from '@mortise/messaging-sdk'
import type { SegmentsUploader } from '@mortise/segments-uploader'
import type { AcmeExtension } from './acme/hooks.ts'
import type { Conversations } from './conversations.ts'
import type { HookCalls } from './hook-calls.ts'
import type { Narrator } from './narrator.ts'
import type { OpenPlatform } from './platforms.ts'

/** Everything the pipeline works with: interfaces only, so that it never knows which adapter it got. */
export interface Parts {
  transport: MessageTransport
  platforms: readonly OpenPlatform[]
  storage: StorageProvider
  segments: SegmentsUploader
  hooks: HookHost
  hookCalls: HookCalls
  /** Deploys Acme's hook: in a hurry, or repaired. */
  deployHook: AcmeExtension['deploy']
  /** Where downloads land before they go into storage. */
  downloadFolder: string
  conversations: Conversations
  narrator: Narrator
}

/** The platform that an event came from; one of them can speak for two (Messenger for Instagram). */
export function platformOf(event: InboundEvent, { platforms }: Parts): OpenPlatform {
  const found = platforms.find(({ channelId }) => channelId === event.channelId)
  if (!found) throw new TypeError(`No channel ${event.channelId} in this demo`)
  return found
}
