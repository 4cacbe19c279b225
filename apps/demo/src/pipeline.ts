import type { InboundEvent } from '@mortise/messaging-sdk'
import type { Parts } from './parts.ts'
import { addToSegments } from './steps/add-to-segments.ts'
import { answerCommand } from './steps/answer-command.ts'
import { runHooks } from './steps/run-hooks.ts'
import { saveAttachments } from './steps/save-attachments.ts'
import { sendReply } from './steps/send-reply.ts'

/**
 * What happens to one stored event. It may happen twice (a crash, a retry): every step is keyed by the
 * event's id, so that doing it again changes nothing. A step that fails rejects, and the error's `kind` decides
 * what becomes of the message. What our own side wrote elsewhere (`echo`) is left alone.
 */
export async function handleEvent(event: InboundEvent, parts: Parts): Promise<void> {
  if (event.type === 'action.invoked') return await answerCommand(event, parts)
  if (event.type !== 'message.received' || event.origin !== 'user') return
  const files = await saveAttachments(event, parts)
  await addToSegments(event, parts)
  const note = await runHooks(event, files, parts)
  await sendReply(event, note, parts)
}
