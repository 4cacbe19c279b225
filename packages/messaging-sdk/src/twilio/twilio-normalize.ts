import { defined } from '../defined.ts'
import { contentHash, eventBase, unknownEvent } from '../event-base.ts'
import type { DeliveryStatus, Identity, InboundEvent, InboundEventBase } from '../inbound-event.ts'
import { asString } from '../json-value.ts'
import type { MessagePart } from '../message-part.ts'
import type { NormalizeContext } from '../platform-adapter.ts'
import type { RawRequest } from '../raw-request.ts'
import type { TwilioCredentials } from './twilio-credentials.ts'
import { type TwilioForm, twilioBody, twilioForm } from './twilio-form.ts'
import { twilioParts } from './twilio-parts.ts'

/** The context of a normalisation here. */
export type Context = NormalizeContext<TwilioCredentials>

const platform = 'twilio'

/** Our own side of a message: the receiver of an incoming one, the sender of one whose status is told. */
export function routeTwilio(request: RawRequest): string[] {
  try {
    const form = twilioForm(request)
    const ours = asString(form.MessageStatus) ? form.From : form.To
    return ours ? [ours] : []
  } catch {
    return []
  }
}

/** One incoming message, or one status of ours. @see https://www.twilio.com/docs/messaging/guides/webhook-request */
export function normalizeTwilio(request: RawRequest, context: Context): InboundEvent[] {
  const form = twilioForm(request)
  const messageId = asString(form.MessageSid) ?? asString(form.SmsSid)
  if (!messageId) {
    const reason = 'a webhook without MessageSid'
    return [unknownEvent({ platform, reason, raw: twilioBody(request) }, context)]
  }
  const isStatus = asString(form.MessageStatus) !== undefined
  const event = isStatus
    ? status(form, messageId, context)
    : received(form, { messageId, parts: twilioParts(form) }, context)
  return [event]
}

function received(
  form: TwilioForm,
  { messageId, parts }: { messageId: string; parts: MessagePart[] },
  context: Context,
): InboundEvent {
  const from = identityOf(form.From, { name: form.ProfileName, waId: form.WaId })
  if (!from) {
    const providerKey = `${messageId}:${contentHash(form)}`
    const reason = 'a message without a sender'
    return unknownEvent({ platform, reason, raw: form, providerKey }, context)
  }
  const replied = asString(form.OriginalRepliedMessageSid)
  const forwarded = form.FrequentlyForwarded === 'true' ? 2 : form.Forwarded === 'true' ? 1 : 0
  return {
    ...baseOf(form, messageId, from.primary, context),
    type: 'message.received',
    from,
    messageId,
    parts,
    origin: 'user',
    ...(replied && { replyTo: { messageId: replied } }),
    ...(forwarded > 0 && { forwarded: forwarded as 1 | 2 }),
    ...defined({ to: identityOf(form.To, {}), referral: referralOf(form) }),
  }
}

/** @see https://www.twilio.com/docs/messaging/api/message-resource#message-status-values */
const STATUSES = new Map(
  Object.entries<DeliveryStatus>({
    accepted: 'queued',
    scheduled: 'queued',
    queued: 'queued',
    sending: 'queued',
    sent: 'sent',
    delivered: 'delivered',
    read: 'read',
    undelivered: 'failed',
    failed: 'failed',
    canceled: 'failed',
  }),
)

function status(form: TwilioForm, messageId: string, context: Context): InboundEvent {
  const name = form.MessageStatus ?? ''
  const known = STATUSES.get(name)
  const providerKey = `status:${messageId}:${name}`
  const recipient = identityOf(form.To, {})
  if (!known) {
    const reason = `a status named ${name}`
    return unknownEvent({ platform, reason, raw: form, providerKey }, context)
  }
  const code = asString(form.ErrorCode)
  return {
    ...baseOf(form, providerKey, recipient?.primary, context),
    type: 'message.status',
    messageId,
    status: known,
    ...(code && { error: { code, ...defined({ title: asString(form.ErrorMessage) }) } }),
    ...defined({ recipient }),
  }
}

function baseOf(
  form: TwilioForm,
  providerKey: string,
  person: string | undefined,
  context: Context,
): InboundEventBase {
  const conversation = person
    ? ({ id: person, kind: 'direct' } as const)
    : ({ id: 'unknown', kind: 'unknown' } as const)
  return eventBase({ platform, providerKey, conversation, raw: form }, context)
}

/** A number, or a channel's address (`whatsapp:+15551234567`), which is what an answer must go to. */
function identityOf(
  address: string | undefined,
  known: { name?: string | undefined; waId?: string | undefined },
): Identity | undefined {
  if (!address) return undefined
  const [, channel, number] = /^(\w+):(.+)$/.exec(address) ?? []
  const ids = channel
    ? [
        { kind: 'address', value: address },
        ...(number?.startsWith('+') ? [{ kind: 'phone', value: number }] : []),
        ...(known.waId ? [{ kind: 'wa_id', value: known.waId }] : []),
      ]
    : [{ kind: 'phone', value: address }]
  return { ids, primary: address, ...defined({ name: asString(known.name) }) }
}

/** Where a WhatsApp user came from, as Twilio tells it. */
function referralOf(form: TwilioForm): TwilioForm | undefined {
  const fields = Object.entries(form).filter(([name]) => name.startsWith('Referral'))
  return fields.length > 0 ? Object.fromEntries(fields) : undefined
}
