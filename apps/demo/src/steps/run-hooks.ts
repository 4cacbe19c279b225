import {
  AuthError,
  type IntegrationError,
  PermanentError,
  RateLimitError,
  TransientError,
} from '@mortise/errors'
import type { HookResult, MapResult } from '@mortise/extension-hooks'
import type { MessageReceived } from '@mortise/messaging-sdk'
import type { ContactNote } from '../acme/hooks.ts'
import type { Parts } from '../parts.ts'
import type { SavedFile } from './save-attachments.ts'

/**
 * Lets the customer's code work on the message.
 * @throws {IntegrationError} DEMO_HOOK_FAILED of the kind that the hook threw; permanent when it broke its contract.
 */
export async function runHooks(
  event: MessageReceived,
  files: readonly SavedFile[],
  { hooks, hookCalls, narrator }: Parts,
): Promise<ContactNote | undefined> {
  const note = toNote(event, files)
  const call = { diy: true, type: 'hook', function: 'tidyNotes', options: { data: [note] } }
  const began = performance.now()
  const result = await hooks.invoke(call)
  const told = { hook: 'preMap tidyNotes', ms: Math.round(performance.now() - began) }
  if (!result.ok) {
    const error = toError(result)
    hookCalls.add({ ...told, records: [], failure: error.message })
    throw error
  }
  const [mapped = {}] = result.value as MapResult<ContactNote>[]
  const outcome = outcomeOf(mapped)
  const [reason] = mapped.errors ?? []
  const record = { text: note.text, outcome, ...(reason && { reason: reason.message }) }
  hookCalls.add({ ...told, records: [record] })
  const mark = outcome === 'failed' ? 'refused' : 'done'
  narrator.step('extension-hooks', `${told.hook}: ${outcome} 1 record`, mark)
  return mapped.data
}

/** The three things that can become of a record. */
function outcomeOf({ data, errors = [] }: MapResult): 'kept' | 'skipped' | 'failed' {
  if (errors.length > 0) return 'failed'
  return data ? 'kept' : 'skipped'
}

const KINDS = {
  auth: AuthError,
  rate_limit: RateLimitError,
  transient: TransientError,
  permanent: PermanentError,
} as const

function toError({ errors, status }: HookResult & { ok: false }): IntegrationError {
  const [error] = errors
  const kind = error?.kind ?? (status === 503 ? 'transient' : 'permanent') // 503: the host is busy
  const message = `Acme's hook tidyNotes failed: ${error?.message ?? 'no reason given'}`
  const { retryAfterMs } = error ?? {}
  return new KINDS[kind](message, { code: 'DEMO_HOOK_FAILED', retryAfterMs })
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
