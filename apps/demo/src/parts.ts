import type { HookHost } from '@mortise/extension-hooks'
import type { StorageProvider } from '@mortise/files-remote'
import type { Channel, IntegrationService, PlatformAdapter } from '@mortise/messaging-sdk'
import type { WhatsAppCredentials } from '@mortise/messaging-sdk/whatsapp'
import type { SegmentsUploader } from '@mortise/segments-uploader'
import type { Narrator } from './narrator.ts'

/** Everything the pipeline works with: interfaces only, so that it never knows which adapter it got. */
export interface Parts {
  messaging: IntegrationService
  adapter: PlatformAdapter<WhatsAppCredentials>
  channel: Channel<WhatsAppCredentials>
  storage: StorageProvider
  segments: SegmentsUploader
  hooks: HookHost
  /** Where downloads land before they go into storage. */
  downloadFolder: string
  /** Addresses that downloads may reach besides public ones: the simulated platform lives on loopback. */
  mediaHosts: readonly string[]
  narrator: Narrator
}
