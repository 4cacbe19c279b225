import { createScanner } from 'jsonc-parser'

/** One quick pass over JSON without comments: how deep, and how many keys. Anything else it may misjudge. */
export function scanText(text: string): { depth: number; keys: number } {
  let depth = 0
  let deepest = 0
  let keys = 0
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case 0x22: // "
        index = stringEnd(text, index)
        if (isFollowedByColon(text, index + 1)) keys++
        break
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > deepest) deepest = depth
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth--
    }
  }
  return { depth: deepest, keys }
}

/** The next quote that is not escaped, by the number of backslashes before it. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}

function isFollowedByColon(text: string, start: number): boolean {
  let index = start
  while (text.charCodeAt(index) <= 0x20) index++
  return text.charCodeAt(index) === 0x3a
}

/** How many keys all objects in a value have. */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item)
    return count
  }
  for (const key of Object.keys(value))
    count += 1 + countKeys((value as Record<string, unknown>)[key])
  return count
}

/** How deep a text with comments and mistakes nests, and where; exact and without recursion. */
export function measureDepth(text: string): { depth: number; deepest: number } {
  const scanner = createScanner(text, true)
  let depth = 0
  const result = { depth: 0, deepest: 0 }
  // Not until a token is empty: after an open comment at the very end none ever is.
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    // The first character tells brackets from strings and comments that contain some.
    const first = text[scanner.getTokenOffset()]
    if (first === '{' || first === '[') depth++
    else if (first === '}' || first === ']') depth--
    if (depth > result.depth) {
      result.depth = depth
      result.deepest = scanner.getTokenOffset()
    }
  }
  return result
}
