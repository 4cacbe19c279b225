import { PermanentError } from '@mortise/errors'
import type { MapResult } from '@mortise/extension-hooks'
import type { MessageReceived } from '@mortise/messaging-sdk'
import type { ContactNote } from '../acme/hooks.ts'
import type { Parts } from '../parts.ts'
import type { SavedFile } from './save-attachments.ts'

/**
 * Lets the customer's code work on the message.
 * @throws {PermanentError} DEMO_HOOK_FAILED when the hook breaks its contract: its author must act.
 */
export async function runHooks(
  event: MessageReceived,
  files: readonly SavedFile[],
  { hooks, narrator }: Parts,
): Promise<ContactNote | undefined> {
  const note = toNote(event, files)
  const call = { diy: true, type: 'hook', function: 'tidyNotes', options: { data: [note] } }
  const result = await hooks.invoke(call)
  if (!result.ok) {
    const [error] = result.errors
    const message = `Acme's hook tidyNotes failed: ${error?.message ?? 'no reason given'}`
    throw new PermanentError(message, { code: 'DEMO_HOOK_FAILED', details: { code: error?.code } })
  }
  const [mapped] = result.value as MapResult<ContactNote>[]
  narrator.step(
    'extension-hooks',
    `preMap tidyNotes: ${mapped?.data ? 'kept' : 'skipped'} 1 record`,
  )
  return mapped?.data
}

function toNote(event: MessageReceived, files: readonly SavedFile[]): ContactNote {
  const words = event.parts.map((part) => {
    if (part.type === 'text') return part.text
    return part.type === 'media' ? (part.caption ?? '') : ''
  })
  return {
    contact: event.from.primary,
    name: event.from.name ?? 'somebody',
    text: words.join(' '),
    files: files.map(({ key }) => key),
  }
}
