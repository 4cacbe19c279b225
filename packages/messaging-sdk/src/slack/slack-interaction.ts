import { defined } from '../defined.ts'
import { contentHash, eventBase, isoFromEpoch, unknownEvent } from '../event-base.ts'
import type { ActionInvoked, InboundEvent, InboundEventBase } from '../inbound-event.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { Context } from './slack-credentials.ts'
import { slackConversation, slackUser } from './slack-identity.ts'

/** The menu of an outbound `list`: what was picked is the name, not the menu. */
export const LIST_ACTION_ID = 'list'

/** A response URL works for half an hour. @see https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
const RESPONSE_URL_MS = 30 * 60 * 1000

/** Buttons, menus, modals and shortcuts. @see https://docs.slack.dev/reference/interaction-payloads */
export function normalizeSlackInteraction(payload: JsonObject, context: Context): InboundEvent[] {
  const trigger = asString(payload.trigger_id)
  // Interactions have no event id, and Slack never repeats them; the trigger is one of a kind.
  const providerKey = `interaction:${trigger ?? contentHash(payload)}`
  const events = readInteraction({ payload, providerKey }, context)
  if (events.length > 0) return events
  const reason = `an interaction of type ${asString(payload.type) ?? 'missing'} in an unknown shape`
  return [unknownEvent({ platform: 'slack', reason, raw: payload, providerKey }, context)]
}

/** A slash command, as the fields of its form. */
export function normalizeSlackCommand(
  form: Record<string, string>,
  context: Context,
): InboundEvent {
  const providerKey = `command:${asString(form.trigger_id) ?? contentHash(form)}`
  const conversation = slackConversation({ channel: form.channel_id })
  const base = eventBase({ platform: 'slack', providerKey, conversation, raw: form }, context)
  return {
    ...base,
    type: 'action.invoked',
    kind: 'command',
    name: (form.command ?? '').replace(/^\//, ''),
    values: { text: form.text ?? '' },
    ...defined({ from: slackUser(form) }),
    ...responseOf(form.response_url, base),
  }
}

interface Interaction {
  payload: JsonObject
  providerKey: string
}

function readInteraction(source: Interaction, context: Context): InboundEvent[] {
  const { payload } = source
  const view = asObject(payload.view)
  switch (payload.type) {
    case 'block_actions':
      return asArray(payload.actions).map((action, index) =>
        blockAction(asObject(action), index, source, context),
      )
    case 'view_submission':
      return action(
        { kind: 'modal', name: view?.callback_id, values: asObject(view?.state)?.values ?? {} },
        source,
        context,
      )
    case 'view_closed': {
      const base = baseOf(source, context)
      const actor = slackUser(asObject(payload.user) ?? {})
      return [{ ...base, type: 'lifecycle', name: 'view_closed', ...defined({ actor }) }]
    }
    case 'shortcut':
    case 'message_action':
      return action({ kind: 'shortcut', name: payload.callback_id, values: {} }, source, context)
    case 'block_suggestion':
      return action(
        { kind: 'autocomplete', name: payload.action_id, values: { value: payload.value } },
        source,
        context,
      )
    default:
      return []
  }
}

function blockAction(
  pressed: JsonObject | undefined,
  index: number,
  source: Interaction,
  context: Context,
): InboundEvent {
  const providerKey = `${source.providerKey}:${index}`
  const actionId = asString(pressed?.action_id)
  const picked = asString(asObject(pressed?.selected_option)?.value)
  const name = actionId === LIST_ACTION_ID ? picked : actionId
  const [event] = pressed
    ? action({ kind: 'component', name, values: pressed }, { ...source, providerKey }, context)
    : []
  if (event) return event
  const raw = source.payload
  const reason = 'a block action without action_id'
  return unknownEvent({ platform: 'slack', reason, raw, providerKey }, context)
}

function action(
  what: { kind: ActionInvoked['kind']; name: unknown; values: unknown },
  source: Interaction,
  context: Context,
): InboundEvent[] {
  const { payload } = source
  const name = asString(what.name)
  if (!name) return []
  const base = baseOf(source, context)
  const message = asObject(payload.message)
  const container = asObject(payload.container)
  const offered = asObject(asArray(payload.response_urls)[0])?.response_url
  return [
    {
      ...base,
      type: 'action.invoked',
      kind: what.kind,
      name,
      values: what.values ?? {},
      ...defined({
        from: slackUser(asObject(payload.user) ?? {}),
        messageId: asString(message?.ts) ?? asString(container?.message_ts),
      }),
      ...responseOf(payload.response_url ?? offered, base),
    },
  ]
}

function responseOf(url: unknown, base: InboundEventBase) {
  const responseToken = asString(url)
  if (!responseToken) return {}
  const respondBy = new Date(Date.parse(base.receivedAt) + RESPONSE_URL_MS).toISOString()
  return { responseToken, respondBy }
}

function baseOf({ payload, providerKey }: Interaction, context: Context): InboundEventBase {
  const container = asObject(payload.container)
  const first = asObject(asArray(payload.actions)[0])
  const user = asString(asObject(payload.user)?.id)
  const channel = asString(asObject(payload.channel)?.id) ?? asString(container?.channel_id)
  return eventBase(
    {
      platform: 'slack',
      providerKey,
      // A modal is not in any channel: it is between the app and one person.
      conversation: channel
        ? slackConversation({ channel, thread: asObject(payload.message)?.thread_ts })
        : { id: user ?? 'unknown', kind: user ? 'direct' : 'unknown' },
      occurredAt: isoFromEpoch(first?.action_ts ?? payload.action_ts, 's'),
      raw: payload,
    },
    context,
  )
}
