import type { InboundEvent } from './inbound-event.ts'

/**
 * The id of the button, list row or quick reply that somebody chose: what `buttons` and `list` were sent with.
 * Some platforms tell it as a message, others as an action. `undefined` for every other event.
 */
export function chosenId(event: InboundEvent): string | undefined {
  if (event.type === 'action.invoked') return event.kind === 'component' ? event.name : undefined
  if (event.type !== 'message.received') return undefined
  return event.parts.find((part) => part.type === 'interactive.reply')?.id
}
