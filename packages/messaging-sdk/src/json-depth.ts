const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Whether JSON nests too deep for those who walk it by recursion. Brackets inside strings do not count. */
export function nestsDeeperThan(body: Uint8Array, maxDepth: number): boolean {
  const { length } = body
  let depth = 0
  for (let index = 0; index < length; index++) {
    const byte = body[index]
    if (byte === QUOTE) index = endOfString(body, index)
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      if (++depth > maxDepth) return true
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--
  }
  return false
}

/** Where the string that begins at `start` ends: its closing quote, or the end of the body. */
function endOfString(body: Uint8Array, start: number): number {
  let index = start + 1
  while (index < body.length && body[index] !== QUOTE) index += body[index] === BACKSLASH ? 2 : 1
  return index
}
