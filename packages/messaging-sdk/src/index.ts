export {
  contentHash,
  type EventBaseOptions,
  eventBase,
  isoFromEpoch,
  unknownEvent,
} from './event-base.ts'
export type {
  ActionInvoked,
  Conversation,
  DeliveryStatus,
  Identity,
  IdentityChanged,
  IdentityId,
  InboundEvent,
  InboundEventBase,
  InboundEventType,
  Lifecycle,
  MessageDeleted,
  MessageEdited,
  MessageReceived,
  MessageStatus,
  Platform,
  ProviderError,
  ReactionChanged,
  UnknownEvent,
} from './inbound-event.ts'
export type { Channel, IntegrationConfig } from './integration-config.ts'
export { asArray, asNumber, asObject, asString, type JsonObject } from './json-value.ts'
export type {
  ContactPart,
  InteractiveReplyPart,
  LocationPart,
  MediaPart,
  MediaReference,
  MessagePart,
  OtherPart,
  TextEntity,
  TextPart,
} from './message-part.ts'
export type {
  OutboundButtons,
  OutboundChoice,
  OutboundList,
  OutboundLocation,
  OutboundMedia,
  OutboundMessage,
  OutboundNative,
  OutboundPart,
  OutboundPartType,
  OutboundReaction,
  OutboundTemplate,
  OutboundText,
} from './outbound-message.ts'
export type {
  HealthResult,
  NormalizeContext,
  PlatformAdapter,
  PlatformCapabilities,
  SendContext,
  VerifyResult,
} from './platform-adapter.ts'
export {
  callPlatform,
  outcomeOfStatus,
  type PlatformAnswer,
  type PlatformRequest,
  retryAfter,
} from './platform-request.ts'
export {
  createRawRequest,
  type RawRequest,
  type RawRequestOptions,
  type RawResponse,
} from './raw-request.ts'
export type { SendOutcome, SendOutcomeName } from './send-outcome.ts'
export { type HmacCheck, isHmacValid, isTokenValid } from './signature.ts'
export { isSignedTimeFresh, SIGNED_TIME_TOLERANCE_MS } from './signed-time.ts'
