// Whoever writes a text escapes in his own way: percent-encoding, JSON, JSON in JSON, HTML, in either case and any
// number of times. So a text is not searched for escaped forms; its escapes are undone, all kinds at once, layer by
// layer, and what is found in a layer is traced back to its place in the text.

/** Nobody wraps more often than by accident. */
const MAX_LAYERS = 8

const ESCAPE =
  /%[0-7][0-9a-f]|(?:%[89a-f][0-9a-f])+|\\u[0-9a-f]{4}|\\[^u]|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|quot|amp|apos|lt|gt);/gi

const NAMED: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&amp;': '&',
  '&apos;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
  '\\b': '\b',
  '\\f': '\f',
}

/** A part of a text: from `start` up to `end`. */
export interface Range {
  start: number
  end: number
}

/** A text in one of its layers, and the way back to the original. */
export interface Layer {
  text: string
  origin: (range: Range) => Range
}

/** The text as it is, then with its escapes undone once, twice … as long as there are any. */
export function* layersOf(text: string): Generator<Layer> {
  let layer: Layer | undefined = { text, origin: (range) => range }
  for (let count = 0; layer && count < MAX_LAYERS; count++) {
    yield layer
    layer = undoOnce(layer)
  }
}

/** A text and what it becomes in each layer. */
export function allUnescaped(text: string): string[] {
  return [...layersOf(text)].map((layer) => layer.text)
}

interface Escape extends Range {
  /** Where the plain text of it begins in the new layer. */
  at: number
  plain: string
}

function undoOnce(outer: Layer): Layer | undefined {
  const escapes: Escape[] = []
  let text = ''
  let last = 0
  for (const match of outer.text.matchAll(ESCAPE)) {
    text += outer.text.slice(last, match.index)
    last = match.index + match[0].length
    const plain = plainOf(match[0])
    escapes.push({ start: match.index, end: last, at: text.length, plain })
    text += plain
  }
  if (escapes.length === 0) return undefined
  text += outer.text.slice(last)
  const origin = ({ start, end }: Range) =>
    outer.origin({ start: back(escapes, start, 'start'), end: back(escapes, end - 1, 'end') })
  return { text, origin }
}

/** The place in the layer outside of the character at `index`: its begin or its end. */
function back(escapes: readonly Escape[], index: number, side: 'start' | 'end'): number {
  let low = 0
  let high = escapes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((escapes[middle]?.at ?? 0) <= index) low = middle + 1
    else high = middle
  }
  const before = escapes[low - 1]
  const isInside = before !== undefined && index < before.at + before.plain.length
  if (isInside) return before[side]
  const shift = before ? before.end - (before.at + before.plain.length) : 0
  return index + shift + (side === 'end' ? 1 : 0)
}

function plainOf(escaped: string): string {
  const named = NAMED[escaped.toLowerCase()]
  if (named !== undefined) return named
  if (escaped.startsWith('%')) return decodeBytes(escaped)
  if (escaped.startsWith('&#')) {
    const code = Number(escaped.slice(2, -1).replace(/^x/i, '0x'))
    return code <= 0x10ffff ? String.fromCodePoint(code) : escaped
  }
  return escaped.length > 2
    ? String.fromCharCode(Number.parseInt(escaped.slice(2), 16))
    : escaped.slice(1)
}

function decodeBytes(escaped: string): string {
  const bytes = escaped.match(/[0-9a-f]{2}/gi) ?? []
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)))
}
