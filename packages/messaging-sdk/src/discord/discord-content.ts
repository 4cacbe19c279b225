import type { JsonObject } from '../json-value.ts'
import type {
  OutboundButtons,
  OutboundList,
  OutboundMedia,
  OutboundPart,
} from '../outbound-message.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { refusal, unsupportedPart } from '../send-refusal.ts'
import { LIST_CUSTOM_ID } from './discord-interaction.ts'
import { escapeDiscord } from './discord-text.ts'

/** The fields of a message besides its address, and the file that goes along. */
export interface DiscordContent {
  content: JsonObject
  file?: OutboundMedia
}

/** @see https://docs.discord.com/developers/resources/message#create-message */
export function discordContent(part: OutboundPart): DiscordContent | SendOutcome {
  switch (part.type) {
    case 'text':
      return {
        content: { content: part.format === 'markdown' ? part.text : escapeDiscord(part.text) },
      }
    case 'media':
      return media(part)
    case 'buttons':
      return buttons(part)
    case 'list':
      return list(part)
    case 'native':
      return { content: part.body }
    default:
      return unsupportedPart('Discord', part)
  }
}

function media(part: OutboundMedia): DiscordContent | SendOutcome {
  const caption = part.caption ? { content: escapeDiscord(part.caption) } : {}
  if (part.data !== undefined) return { content: caption, file: part }
  if (part.kind === 'sticker' && part.providerId) {
    return { content: { sticker_ids: [part.providerId] } }
  }
  if (part.kind !== 'image' || !part.url) {
    const message = 'Discord shows only images by link: give the bytes as `data`'
    return refusal(message, 'MESSAGING_PART_UNSUPPORTED')
  }
  return { content: { ...caption, embeds: [{ image: { url: part.url } }] } }
}

const ROW = 1
const BUTTON = 2
const STRING_SELECT = 3
const PRIMARY = 1
const LINK = 5
/** @see https://docs.discord.com/developers/components/reference */
const BUTTONS_PER_ROW = 5
const MAX_BUTTONS = 25
const MAX_OPTIONS = 25
const MAX_ID_LENGTH = 100

function buttons(part: OutboundButtons): DiscordContent | SendOutcome {
  const tooMuch = limits(part.buttons, MAX_BUTTONS)
  if (tooMuch) return tooMuch
  const components = part.buttons.map(({ id, title, url }) =>
    url
      ? { type: BUTTON, style: LINK, label: title, url }
      : { type: BUTTON, style: PRIMARY, label: title, custom_id: id },
  )
  const rows = Array.from({ length: Math.ceil(components.length / BUTTONS_PER_ROW) }, (_, row) => ({
    type: ROW,
    components: components.slice(row * BUTTONS_PER_ROW, (row + 1) * BUTTONS_PER_ROW),
  }))
  return { content: { content: wordsOf(part), components: rows } }
}

/** Sections have no form on Discord: a row without a description shows the section's title there. */
function list(part: OutboundList): DiscordContent | SendOutcome {
  const rows = part.sections.flatMap(({ title, rows }) =>
    rows.map((row) => ({ ...row, description: row.description ?? title })),
  )
  const tooMuch = limits(rows, MAX_OPTIONS)
  if (tooMuch) return tooMuch
  const options = rows.map(({ id, title, description }) => ({
    label: title,
    value: id,
    ...(description && { description }),
  }))
  const menu = { type: STRING_SELECT, custom_id: LIST_CUSTOM_ID, placeholder: part.button, options }
  const components = [{ type: ROW, components: [menu] }]
  return { content: { content: wordsOf(part), components } }
}

function limits(choices: readonly { id: string }[], most: number): SendOutcome | undefined {
  const long = choices.find(({ id }) => id.length > MAX_ID_LENGTH)
  if (long) {
    return refusal(`An id has ${long.id.length} characters; Discord carries ${MAX_ID_LENGTH}`)
  }
  if (choices.length <= most) return undefined
  return refusal(
    `Discord shows ${most} choices, got ${choices.length}`,
    'MESSAGING_PART_UNSUPPORTED',
  )
}

function wordsOf(part: OutboundButtons | OutboundList): string {
  const lines = [part.header, part.text, part.footer].filter((line) => line !== undefined)
  return escapeDiscord(lines.join('\n\n'))
}
