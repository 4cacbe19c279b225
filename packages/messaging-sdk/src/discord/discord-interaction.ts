import { defined } from '../defined.ts'
import { eventBase } from '../event-base.ts'
import type { ActionInvoked } from '../inbound-event.ts'
import { asArray, asObject, asString, type JsonObject } from '../json-value.ts'
import type { Context } from './discord-credentials.ts'
import { discordConversation, discordUser, snowflakeTime } from './discord-identity.ts'

/** What Discord numbers. @see https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-type */
export const INTERACTION = {
  ping: 1,
  command: 2,
  component: 3,
  autocomplete: 4,
  modal: 5,
} as const

/** The menu of an outbound `list`: what was picked is the name, not the menu. */
export const LIST_CUSTOM_ID = 'list'

/** An interaction's token is good for so long. */
const TOKEN_MS = 15 * 60 * 1000

/** A command, a button, a menu, a form or a request for suggestions; `undefined` when it is none that we know. */
export function normalizeInteraction(
  value: JsonObject,
  context: Context,
): ActionInvoked | undefined {
  const id = asString(value.id)
  const what = id === undefined ? undefined : readData(value)
  if (!id || !what) return undefined
  const time = snowflakeTime(id)
  const from = discordUser(value)
  const token = asString(value.token)
  const base = eventBase(
    {
      platform: 'discord',
      providerKey: `interaction:${id}`,
      conversation: discordConversation(value),
      occurredAt: time === undefined ? undefined : new Date(time).toISOString(),
      raw: value,
    },
    context,
  )
  const respondBy = new Date(Date.parse(base.occurredAt) + TOKEN_MS).toISOString()
  const messageId = what.messageId ?? asString(asObject(value.message)?.id)
  return {
    ...base,
    type: 'action.invoked',
    kind: what.kind,
    name: what.name,
    values: what.values,
    ...(token && { responseToken: token, respondBy }),
    ...defined({ from, messageId }),
  }
}

interface Data {
  kind: ActionInvoked['kind']
  name: string
  values: unknown
  messageId?: string | undefined
}

function readData(interaction: JsonObject): Data | undefined {
  const data = asObject(interaction.data)
  if (!data) return undefined
  switch (interaction.type) {
    case INTERACTION.command:
      return command(data)
    case INTERACTION.autocomplete: {
      const read = command(data)
      return read && { ...read, kind: 'autocomplete' }
    }
    case INTERACTION.component: {
      const customId = asString(data.custom_id)
      const values = asArray(data.values)
      const name = customId === LIST_CUSTOM_ID ? (asString(values[0]) ?? customId) : customId
      return name === undefined ? undefined : { kind: 'component', name, values }
    }
    case INTERACTION.modal: {
      const name = asString(data.custom_id)
      return name === undefined ? undefined : { kind: 'modal', name, values: fieldsOf(data) }
    }
    default:
      return undefined
  }
}

/** Commands typed into the chat; the other types are picked from the menu of a person or message. */
const CHAT_INPUT = 1
const MESSAGE_COMMAND = 3

function command(data: JsonObject): Data | undefined {
  const name = asString(data.name)
  if (!name) return undefined
  const target = asString(data.target_id)
  if (data.type === undefined || data.type === CHAT_INPUT) {
    const { path, values } = optionsOf(data.options)
    return { kind: 'command', name: [name, ...path].join(' '), values }
  }
  return {
    kind: 'shortcut',
    name,
    values: defined({ targetId: target, resolved: data.resolved }),
    messageId: data.type === MESSAGE_COMMAND ? target : undefined,
  }
}

/** Sub-commands are options that hold options; their names belong to the command. */
const MAX_SUBCOMMAND_DEPTH = 2

function optionsOf(value: unknown): { path: string[]; values: Record<string, unknown> } {
  const path: string[] = []
  let options = objectsOf(value)
  while (path.length < MAX_SUBCOMMAND_DEPTH) {
    const [only] = options
    const name = asString(only?.name)
    if (!only || !name || only.value !== undefined || only.focused !== undefined) break
    path.push(name)
    options = objectsOf(only.options)
  }
  const values = options.flatMap((option) => {
    const name = asString(option.name)
    return name ? [[name, option.value ?? null] as const] : []
  })
  return { path, values: Object.fromEntries(values) }
}

function objectsOf(value: unknown): JsonObject[] {
  return asArray(value)
    .map((item) => asObject(item))
    .filter((item) => item !== undefined)
}

/** A form's fields stand in rows or labels. */
function fieldsOf(data: JsonObject): Record<string, unknown> {
  const fields = asArray(data.components).flatMap((row) => {
    const holder = asObject(row)
    return [...asArray(holder?.components), holder?.component].flatMap((field) => {
      const component = asObject(field)
      const id = asString(component?.custom_id)
      return component && id ? [[id, component.value ?? component.values ?? null] as const] : []
    })
  })
  return Object.fromEntries(fields)
}
