/** Slack knows emoji by name. These are the common reactions; every other name passes as it is. */
const NAMES = new Map(
  Object.entries<string>({
    '👍': 'thumbsup',
    '👎': 'thumbsdown',
    '❤️': 'heart',
    '😂': 'joy',
    '😄': 'smile',
    '😢': 'cry',
    '😮': 'open_mouth',
    '😡': 'rage',
    '🤔': 'thinking_face',
    '🎉': 'tada',
    '🙏': 'pray',
    '🙌': 'raised_hands',
    '👏': 'clap',
    '👋': 'wave',
    '👀': 'eyes',
    '🔥': 'fire',
    '🚀': 'rocket',
    '💯': '100',
    '✅': 'white_check_mark',
    '❌': 'x',
    '⚠️': 'warning',
    '⏳': 'hourglass_flowing_sand',
  }),
)
const ALIASES = new Map(Object.entries<string>({ '+1': '👍', '-1': '👎' }))
const EMOJI = new Map([...NAMES].map(([emoji, name]) => [name, emoji]))

/** The emoji of a Slack name, or the name itself; the skin tone (`::skin-tone-2`) is left out. */
export function emojiOfSlack(name: string): string {
  const [plain = name] = name.split('::')
  return ALIASES.get(plain) ?? EMOJI.get(plain) ?? plain
}

/** The Slack name of an emoji or of `:name:`; `undefined` when nobody knows it. */
export function slackNameOf(emoji: string): string | undefined {
  const known = NAMES.get(emoji) ?? NAMES.get(`${emoji}\uFE0F`)
  if (known) return known
  const name = emoji.replaceAll(':', '')
  return /^[a-z0-9_+-]+$/.test(name) ? name : undefined
}
