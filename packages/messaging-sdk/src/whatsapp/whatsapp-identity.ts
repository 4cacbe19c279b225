import type { Conversation, Identity, IdentityId } from '../inbound-event.ts'

/** The ids a WhatsApp user may show; any of them may be hidden. */
export interface WhatsAppIds {
  phone?: string | undefined
  /** Business-scoped user id (`US.1349…`). */
  userId?: string | undefined
  parentUserId?: string | undefined
  name?: string | undefined
  username?: string | undefined
}

/** An identity of whatever ids there are; `undefined` when there is none. */
export function identityOf(known: WhatsAppIds): Identity | undefined {
  const ids: IdentityId[] = [
    ...(known.phone ? [{ kind: 'wa_id', value: known.phone }] : []),
    ...(known.userId ? [{ kind: 'bsuid', value: known.userId }] : []),
    ...(known.parentUserId ? [{ kind: 'parent_bsuid', value: known.parentUserId }] : []),
  ]
  const first = ids[0]
  if (!first) return undefined
  return {
    ids,
    primary: first.value,
    ...(known.name && { name: known.name }),
    ...(known.username && { username: known.username }),
  }
}

/** The conversation with a person, or a group's. */
export function conversationOf(person: string | undefined, groupId?: string): Conversation {
  if (groupId) return { id: groupId, kind: 'group' }
  return person ? { id: person, kind: 'direct' } : { id: 'unknown', kind: 'unknown' }
}
