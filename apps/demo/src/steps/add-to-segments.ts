import type { MessageReceived } from '@mortise/messaging-sdk'
import type { Parts } from '../parts.ts'

/** Adds the sender to today's segments file. The event's id makes sure that a person counts once a message. */
export async function addToSegments(event: MessageReceived, parts: Parts): Promise<void> {
  const segments = ['wrote-to-us', ...new Set(event.parts.map(({ type }) => `sent-${type}`))]
  const payload = { traits: { smi_uid: event.from.primary }, segments }
  const { key, position } = await parts.segments.upload(payload, { idempotencyKey: event.id })
  parts.narrator.step(
    'segments-uploader',
    `profile ${position + 1} of ${key}: ${segments.join(', ')}`,
  )
}
