import type { MessagePart, MessageReceived } from '@mortise/messaging-sdk'
import type { Parts } from '../parts.ts'

const HASHTAG = /#([\w-]{1,40})/g

/**
 * Adds the sender to today's segments file, with the words that they marked with `#`. The event's id makes sure that a
 * person counts once a message.
 */
export async function addToSegments(event: MessageReceived, parts: Parts): Promise<void> {
  const types = event.parts.map(({ type }) => `sent-${type}`)
  const segments = ['wrote-to-us', ...new Set([...types, ...event.parts.flatMap(hashtags)])]
  const payload = { traits: { smi_uid: event.from.primary }, segments }
  const { key, position } = await parts.segments.upload(payload, { idempotencyKey: event.id })
  parts.narrator.step(
    'segments-uploader',
    `profile ${position + 1} of ${key}: ${segments.join(', ')}`,
  )
}

function hashtags(part: MessagePart): string[] {
  const text = part.type === 'text' ? part.text : part.type === 'media' ? part.caption : ''
  return [...(text ?? '').matchAll(HASHTAG)].map(([, word = '']) => word)
}
