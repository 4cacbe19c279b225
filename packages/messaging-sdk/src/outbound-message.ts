/** Plain or marked-up words. */
export interface OutboundText {
  type: 'text'
  text: string
  /** Default `plain`. */
  format?: 'plain' | 'markdown'
}

/** A medium by link, by an id that the platform already gave, or as bytes to upload. Exactly one of the three. */
export interface OutboundMedia {
  type: 'media'
  kind: 'image' | 'video' | 'audio' | 'document' | 'sticker'
  url?: string
  providerId?: string
  /** Base64, so that a message stays plain JSON. The adapter uploads it first. */
  data?: string
  mime?: string
  filename?: string
  caption?: string
}

/** A place. */
export interface OutboundLocation {
  type: 'location'
  latitude: number
  longitude: number
  name?: string
  address?: string
}

/** One thing to press. `id` comes back in the answer; `url` opens a page instead. */
export interface OutboundChoice {
  id: string
  title: string
  description?: string
  url?: string
}

/** Words with buttons below. */
export interface OutboundButtons {
  type: 'buttons'
  text: string
  buttons: OutboundChoice[]
  header?: string
  footer?: string
}

/** Words with a menu behind one button. */
export interface OutboundList {
  type: 'list'
  text: string
  /** What the button that opens the list says. */
  button: string
  sections: { title?: string; rows: OutboundChoice[] }[]
  header?: string
  footer?: string
}

/** A message that the platform approved beforehand. */
export interface OutboundTemplate {
  type: 'template'
  name: string
  language: string
  /** The platform's own component list, passed on as it is. */
  components?: unknown[]
}

/** A reaction to a message; an empty emoji takes ours back. */
export interface OutboundReaction {
  type: 'reaction'
  messageId: string
  emoji: string
}

/** The platform's own body, for what has no shape here. The adapter adds only the address. */
export interface OutboundNative {
  type: 'native'
  body: Record<string, unknown>
}

/** One piece of an outbound message. */
export type OutboundPart =
  | OutboundText
  | OutboundMedia
  | OutboundLocation
  | OutboundButtons
  | OutboundList
  | OutboundTemplate
  | OutboundReaction
  | OutboundNative

/** The tags of {@link OutboundPart}. */
export type OutboundPartType = OutboundPart['type']

/** Something to say, on any platform. */
export interface OutboundMessage {
  /** The recipient: a user's id, a chat's id, a channel's id, as the platform knows it. */
  to: { id: string; kind?: string; threadId?: string }
  /** Each part is one message on the platform, sent in order; the first that fails stops the rest. */
  parts: OutboundPart[]
  /** The message to answer to (quote). */
  replyToMessageId?: string
  /** Answer what came: `responseToken` of an `action.invoked` or `message.received` event. */
  responseToken?: string
  /** Ours, for tracing. Default: a new UUID. Handed to the platform where it gives it back in statuses. */
  correlationId?: string
  /**
   * The same key on the same channel is sent once. Default: none, every call sends.
   * Where the platform has such keys it goes along with each part.
   */
  idempotencyKey?: string
  metadata?: Record<string, unknown>
}
