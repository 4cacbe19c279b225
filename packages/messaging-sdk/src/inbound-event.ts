import type { MessagePart } from './message-part.ts'

/** Where an event came from. Other names are welcome: third parties write adapters too. */
export type Platform =
  | 'whatsapp'
  | 'messenger'
  | 'instagram'
  | 'telegram'
  | 'slack'
  | 'discord'
  | 'twilio'
  | 'line'
  | (string & {})

/** One of the names a person, bot or app goes by. None is mandatory: a phone number may be hidden. */
export interface IdentityId {
  kind:
    | 'phone'
    | 'wa_id'
    | 'bsuid'
    | 'parent_bsuid'
    | 'psid'
    | 'user'
    | 'bot'
    | 'app'
    | 'chat'
    | (string & {})
  value: string
}

/** Somebody on a platform. */
export interface Identity {
  /** Every id the platform told us, best first. */
  ids: IdentityId[]
  /** The value of the id to answer to; one of `ids`. */
  primary: string
  name?: string
  username?: string
  isBot?: boolean
  /** The message came from our own account (an echo). */
  isSelf?: boolean
}

/** The place where people talk. */
export interface Conversation {
  /** Unique within the channel. */
  id: string
  kind: 'direct' | 'group' | 'channel' | 'unknown'
  threadId?: string
}

/** What every inbound event has. Everything is plain JSON. */
export interface InboundEventBase {
  specversion: 1
  /** `platform:channelId:providerKey`: deterministic, so the same delivery twice is the same event. */
  id: string
  platform: Platform
  tenantId: string
  channelId: string
  conversation: Conversation
  /** The platform's own time, ISO 8601; the time of receipt where it tells none. */
  occurredAt: string
  /** When we accepted it, ISO 8601. */
  receivedAt: string
  /** Events with the same key are handled one after another. Usually the conversation's id. */
  orderKey: string
  /** Set when the platform says that this is not its first attempt. */
  redelivery?: { attempt?: number; reason?: string }
  /** The platform's own object, untouched. */
  raw: unknown
}

/** Somebody wrote something. */
export interface MessageReceived extends InboundEventBase {
  type: 'message.received'
  from: Identity
  to?: Identity
  messageId: string
  parts: MessagePart[]
  replyTo?: { messageId?: string; storyId?: string; quoted?: MessagePart[] }
  /** 1: forwarded, 2: forwarded many times. */
  forwarded?: 1 | 2
  /** `echo`: our own side wrote it elsewhere; `standby`: another app is in charge of the conversation. */
  origin: 'user' | 'echo' | 'standby'
  /** Where the person came from (an advertisement, a deep link), as the platform says it. */
  referral?: unknown
  /** Until when an answer through `responseToken` is accepted, ISO 8601. */
  respondBy?: string
  /** What a free answer needs, where there is one (LINE's reply token). A secret while it lives. */
  responseToken?: string
}

/** A message has new content. */
export interface MessageEdited extends InboundEventBase {
  type: 'message.edited'
  messageId: string
  from?: Identity
  editedAt?: string
  parts: MessagePart[]
}

/** A message was taken back. */
export interface MessageDeleted extends InboundEventBase {
  type: 'message.deleted'
  messageId: string
  by?: Identity
}

/** Somebody reacted, or took a reaction back. */
export interface ReactionChanged extends InboundEventBase {
  type: 'reaction.changed'
  messageId: string
  from: Identity
  added: string[]
  /** Empty strings are never listed; a removal whose emoji is not told is `['*']`. */
  removed: string[]
}

/** How far a message of ours has come. */
export type DeliveryStatus = 'queued' | 'sent' | 'delivered' | 'read' | 'played' | 'failed'

/** What a platform says went wrong, as data. */
export interface ProviderError {
  code?: string
  title?: string
  detail?: string
}

/** News of a message of ours. Webhooks arrive in any order: merge with `mergeStatus`. */
export interface MessageStatus extends InboundEventBase {
  type: 'message.status'
  /** The message; absent when only a watermark is told. */
  messageId?: string
  status: DeliveryStatus
  /** Watermark, ISO 8601: every message of the conversation sent up to here has this status. */
  upTo?: string
  recipient?: Identity
  error?: ProviderError
  /** The id that we gave when sending, where the platform hands it back. */
  correlationId?: string
}

/** Somebody used a command, a button, a menu or a form. */
export interface ActionInvoked extends InboundEventBase {
  type: 'action.invoked'
  kind: 'command' | 'component' | 'modal' | 'shortcut' | 'autocomplete'
  from?: Identity
  /** The command, or the id of what was pressed. */
  name: string
  /** Arguments, selections or form fields. */
  values: unknown
  messageId?: string
  /** Until when an answer through `responseToken` is accepted, ISO 8601. */
  respondBy?: string
  /** What an answer needs (an interaction token, a response URL). A secret while it lives. */
  responseToken?: string
}

/** A person's ids changed (new phone number, new scoped id). */
export interface IdentityChanged extends InboundEventBase {
  type: 'identity.changed'
  from: Identity
  to: Identity
}

/** Something about the channel itself: joined, left, installed, limited by the platform, a template's review. */
export interface Lifecycle extends InboundEventBase {
  type: 'lifecycle'
  name: string
  actor?: Identity
}

/** A shape that nobody taught us. Stored all the same: `raw` has everything. */
export interface UnknownEvent extends InboundEventBase {
  type: 'unknown'
  reason: string
}

/** Everything a platform can tell us. Switch on `type`. */
export type InboundEvent =
  | MessageReceived
  | MessageEdited
  | MessageDeleted
  | ReactionChanged
  | MessageStatus
  | ActionInvoked
  | IdentityChanged
  | Lifecycle
  | UnknownEvent

/** The tags of {@link InboundEvent}. */
export type InboundEventType = InboundEvent['type']
