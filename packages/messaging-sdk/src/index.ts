export type { BaseSpec } from './base-spec.ts'
export type {
  IntegrationEventReceivedPayload,
  IntegrationMessageFailedPayload,
  IntegrationMessageReceivedPayload,
  IntegrationMessageSentPayload,
  IntegrationPayloadBase,
} from './channel-payloads.ts'
export { chosenId } from './chosen-id.ts'
export { createIntegrationService } from './create-integration-service.ts'
export {
  type AdapterIntegration,
  defineIntegration,
  type HookIntegration,
  type Integration,
  type IntegrationOptions,
} from './define-integration.ts'
export { applyStatus, mergeStatus, type TrackedMessage } from './delivery-status.ts'
export {
  contentHash,
  type EventBaseOptions,
  eventBase,
  isoFromEpoch,
  unknownEvent,
} from './event-base.ts'
export {
  createFetchHandler,
  type FetchHandler,
  type FetchHandlerOptions,
} from './fetch-handler.ts'
export type { HttpRouteOptions } from './http-routes.ts'
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
export { inboundEventProblem, parseInboundEvent } from './inbound-event-schema.ts'
export type { IntegrationAdapter, WithApp } from './integration-adapter.ts'
export type { CacheOptions, IntegrationCache } from './integration-cache.ts'
export {
  CHANNEL_CONFIG,
  INTEGRATION_CHANNELS,
  type IntegrationChannelName,
  NAMESPACE,
} from './integration-channels.ts'
export type { Channel, IntegrationConfig } from './integration-config.ts'
export type { AppMeta, IntegrationContext } from './integration-context.ts'
export type {
  DatasourceConstructor,
  DatasourceConstructorRegistry,
  DatasourceInstanceTypes,
} from './integration-datasources.ts'
export type { IntegrationHooks, SendResult, WebhookEvent } from './integration-hooks.ts'
export type {
  IntegrationActionName,
  IntegrationPermissions,
  PermissionRule,
} from './integration-permissions.ts'
export type {
  IntegrationService,
  IntegrationServiceOptions,
  SendCallOptions,
  ServiceCallOptions,
} from './integration-service.ts'
export { asArray, asNumber, asObject, asString, type JsonObject } from './json-value.ts'
export type { Logger } from './logger.ts'
export { fetchMediaAddress, type MediaAddress } from './media-address.ts'
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
  Claim,
  Claims,
  ConsumeOptions,
  ConsumerConfig,
  DeadLetter,
  DeadLetters,
  Delivery,
  DeliveryHandler,
  Envelope,
  GroupLag,
  MessageTransport,
  PublishOutcome,
  Subscription,
} from './message-transport.ts'
export {
  fromNormalizedMessage,
  isNormalizedMessage,
  type NormalizedMessage,
  toNormalizedMessage,
} from './normalized-message.ts'
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
export { parseOutboundMessage } from './outbound-message-schema.ts'
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
  type NetworkFailure,
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
export type { ReceiveResult } from './receive-webhook.ts'
export type { MessageSendResult, SendPolicy } from './send.ts'
export type { SendLimits } from './send-limiter.ts'
export type { SendOutcome, SendOutcomeName } from './send-outcome.ts'
export { type HmacCheck, isHmacValid, isTokenValid } from './signature.ts'
export { isSignedTimeFresh, SIGNED_TIME_TOLERANCE_MS } from './signed-time.ts'
