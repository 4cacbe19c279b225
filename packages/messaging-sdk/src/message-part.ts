/** A stretch of text with a meaning. Offsets count UTF-16 code units, as JavaScript strings do. */
export interface TextEntity {
  type: 'mention' | 'hashtag' | 'url' | 'email' | 'phone' | 'command' | 'code' | (string & {})
  offset: number
  length: number
  url?: string
  userId?: string
}

/** Words. `format` says how to read the marks in them. */
export interface TextPart {
  type: 'text'
  text: string
  format: 'plain' | 'markdown' | 'mrkdwn' | 'html'
  entities?: TextEntity[]
}

/** Where the bytes of a medium are: by reference, never inline. */
export interface MediaReference {
  url?: string
  /** The platform's own id, for the adapter's media fetcher. */
  providerId?: string
  expiresAt?: string
  /** `channel`: the address needs the channel's credentials; fetch it with the adapter. */
  auth?: 'channel' | 'none'
}

/** A picture, sound, film or file. */
export interface MediaPart {
  type: 'media'
  kind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' | 'animation'
  ref: MediaReference
  mime?: string
  /** Bytes. */
  size?: number
  sha256?: string
  filename?: string
  caption?: string
  /** Pixels. */
  width?: number
  height?: number
  durationMs?: number
}

/** A place. */
export interface LocationPart {
  type: 'location'
  latitude: number
  longitude: number
  name?: string
  address?: string
  live?: boolean
}

/** A contact card. */
export interface ContactPart {
  type: 'contact'
  name?: string
  phones: string[]
  vcard?: string
}

/** The answer to a button, list or quick reply that we sent. */
export interface InteractiveReplyPart {
  type: 'interactive.reply'
  source: 'button' | 'list' | 'quick_reply' | 'flow' | 'menu'
  /** The id that we gave the choice. */
  id: string
  title?: string
  data?: unknown
}

/** Content that has no shape of its own here; `data` is the platform's object. */
export interface OtherPart {
  type: 'order' | 'poll' | 'card' | 'unsupported'
  data: unknown
  reason?: string
}

/** One piece of an inbound message. */
export type MessagePart =
  | TextPart
  | MediaPart
  | LocationPart
  | ContactPart
  | InteractiveReplyPart
  | OtherPart
