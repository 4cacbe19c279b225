/** One policy of a `RateLimit` or `RateLimit-Policy` field. */
export interface RateLimitItem {
  /** The policy's name, quotes removed; empty in the older dictionary form. */
  name: string
  parameters: ReadonlyMap<string, number>
}

/**
 * Reads the structured form of the current draft (`"default";r=0;t=30`, several separated by commas) and the
 * dictionary of draft 7 (`limit=100, remaining=0, reset=30`), which becomes one item with `r` and `t`.
 * What cannot be read is left out.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function parseRateLimitItems(text: string): RateLimitItem[] {
  const members = splitOutsideQuotes(text, ',')
  const dictionary = new Map<string, number>()
  const items: RateLimitItem[] = []
  for (const member of members) {
    const [head = '', ...rest] = splitOutsideQuotes(member, ';').map((part) => part.trim())
    const pair = parsePair(head)
    if (pair) dictionary.set(DRAFT_7_NAMES[pair[0]] ?? pair[0], pair[1])
    else if (head !== '')
      items.push({ name: unquote(head), parameters: new Map(rest.flatMap(pairs)) })
  }
  if (dictionary.size > 0) items.push({ name: '', parameters: dictionary })
  return items
}

const DRAFT_7_NAMES: Readonly<Record<string, string>> = { remaining: 'r', reset: 't' }

function pairs(text: string): [string, number][] {
  const pair = parsePair(text)
  return pair ? [pair] : []
}

function parsePair(text: string): [string, number] | undefined {
  const match = /^([a-z*][a-z0-9_.*-]*)\s*=\s*(-?\d+(?:\.\d+)?)$/i.exec(text)
  return match ? [(match[1] ?? '').toLowerCase(), Number(match[2])] : undefined
}

function unquote(text: string): string {
  return text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = []
  let quoted = false
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '\\' && quoted) index++
    else if (character === '"') quoted = !quoted
    else if (character === separator && !quoted) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}
