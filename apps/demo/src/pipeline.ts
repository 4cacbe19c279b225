import type { MessageReceived } from '@mortise/messaging-sdk'
import type { Parts } from './parts.ts'
import { addToSegments } from './steps/add-to-segments.ts'
import { runHooks } from './steps/run-hooks.ts'
import { saveAttachments } from './steps/save-attachments.ts'
import { sendReply } from './steps/send-reply.ts'

/**
 * What happens to one stored message. It may happen twice (a crash, a retry): every step is keyed by the
 * event's id, so that doing it again changes nothing. A step that fails rejects, and the error's `kind` decides
 * what becomes of the message.
 */
export async function handleMessage(event: MessageReceived, parts: Parts): Promise<void> {
  const files = await saveAttachments(event, parts)
  await addToSegments(event, parts)
  const note = await runHooks(event, files, parts)
  await sendReply(event, note, parts)
}
