import { defined } from '../defined.ts'
import type { Conversation, Identity } from '../inbound-event.ts'
import { asObject, asString, type JsonObject } from '../json-value.ts'

/** `member` in servers, `user` in direct messages. */
export function discordUser(source: { user?: unknown; member?: unknown }): Identity | undefined {
  const member = asObject(source.member)
  const user = asObject(member?.user) ?? asObject(source.user)
  const id = asString(user?.id)
  if (!user || !id) return undefined
  return {
    ids: [{ kind: 'user', value: id }],
    primary: id,
    ...defined({
      name: asString(member?.nick) ?? asString(user.global_name),
      username: asString(user.username),
      isBot: user.bot === true ? true : undefined,
    }),
  }
}

/** Direct messages and group direct messages; all other types are channels and threads of servers. */
const KINDS = new Map(Object.entries<Conversation['kind']>({ '1': 'direct', '3': 'group' }))

/** Where an interaction happened. A thread is a channel of its own on Discord. */
export function discordConversation(interaction: JsonObject): Conversation {
  const channel = asObject(interaction.channel)
  const id = asString(interaction.channel_id) ?? asString(channel?.id)
  if (!id) return { id: 'unknown', kind: 'unknown' }
  const type = asString(channel?.type)
  const kind = type === undefined ? undefined : (KINDS.get(type) ?? 'channel')
  return { id, kind: kind ?? (interaction.guild_id ? 'channel' : 'unknown') }
}

/** Snowflakes count milliseconds from the first second of 2015, above 22 other bits. @see https://docs.discord.com/developers/reference#snowflakes */
const DISCORD_EPOCH_MS = 1_420_070_400_000

/** When the thing with this id was made; `undefined` for what is no snowflake. */
export function snowflakeTime(id: string): number | undefined {
  if (!/^\d{1,20}$/.test(id)) return undefined
  return Number(BigInt(id) >> 22n) + DISCORD_EPOCH_MS
}
