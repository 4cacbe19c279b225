/** A regular expression taken apart. */
export type PatternNode =
  | { type: 'character'; matches: (character: string) => boolean }
  | { type: 'anchor'; at: 'start' | 'end' }
  | { type: 'sequence'; parts: PatternNode[] }
  | { type: 'choice'; options: PatternNode[] }
  | { type: 'repeat'; part: PatternNode; min: number; max: number }

interface Reader {
  pattern: string
  index: number
  flags: string
  depth: number
}

/** Recursion of the reader is bounded. */
const MAX_GROUP_DEPTH = 50

/** Takes a pattern apart. @throws {SyntaxError} whose message completes the sentence "the pattern …". */
export function parsePattern(pattern: string): PatternNode {
  const flags = validFlags(pattern)
  const reader: Reader = { pattern, index: 0, flags, depth: 0 }
  return readChoice(reader)
}

/** Unicode mode refuses needless escapes like `\_`, which documents hold all the same. */
function validFlags(pattern: string): string {
  for (const flags of ['u', '']) {
    try {
      new RegExp(pattern, flags)
      return flags
    } catch {
      // the next flags may do
    }
  }
  throw new SyntaxError('is not a valid regular expression')
}

function readChoice(reader: Reader): PatternNode {
  const options = [readSequence(reader)]
  while (reader.pattern[reader.index] === '|') {
    reader.index++
    options.push(readSequence(reader))
  }
  const [only] = options
  return options.length === 1 && only ? only : { type: 'choice', options }
}

function readSequence(reader: Reader): PatternNode {
  const parts: PatternNode[] = []
  for (;;) {
    const character = reader.pattern[reader.index]
    if (character === undefined || character === '|' || character === ')')
      return { type: 'sequence', parts }
    parts.push(readRepeat(reader, readAtom(reader, character)))
  }
}

const QUANTIFIER = /(?:[*+?]|\{(\d+)(,)?(\d*)\})\??/y

function readRepeat(reader: Reader, part: PatternNode): PatternNode {
  QUANTIFIER.lastIndex = reader.index
  const match = QUANTIFIER.exec(reader.pattern)
  if (!match) return part
  reader.index = QUANTIFIER.lastIndex
  const [text, from, comma, to] = match
  if (text.startsWith('*')) return { type: 'repeat', part, min: 0, max: Number.POSITIVE_INFINITY }
  if (text.startsWith('+')) return { type: 'repeat', part, min: 1, max: Number.POSITIVE_INFINITY }
  if (text.startsWith('?')) return { type: 'repeat', part, min: 0, max: 1 }
  const min = Number(from)
  return {
    type: 'repeat',
    part,
    min,
    max: comma ? (to ? Number(to) : Number.POSITIVE_INFINITY) : min,
  }
}

function readAtom(reader: Reader, character: string): PatternNode {
  switch (character) {
    case '(':
      return readGroup(reader)
    case '^':
    case '$':
      reader.index++
      return { type: 'anchor', at: character === '^' ? 'start' : 'end' }
    case '[':
      return characterOf(reader, classLength(reader))
    case '\\':
      return characterOf(reader, escapeLength(reader))
    default:
      return characterOf(reader, (reader.pattern.codePointAt(reader.index) ?? 0) > 0xffff ? 2 : 1)
  }
}

const GROUP = /\((?:\?:|\?<[A-Za-z_$][\w$]*>)?(?!\?)/y

function readGroup(reader: Reader): PatternNode {
  GROUP.lastIndex = reader.index
  const match = GROUP.exec(reader.pattern)
  if (!match) throw new SyntaxError('looks ahead or behind, which is not supported')
  if (reader.depth >= MAX_GROUP_DEPTH) throw new SyntaxError('nests groups too deep')
  reader.index = GROUP.lastIndex
  reader.depth++
  const inside = readChoice(reader)
  reader.depth--
  reader.index++ // the closing bracket, which a valid expression has
  return inside
}

/** One character of the text, judged by JavaScript; each judgement is made once. */
function characterOf(reader: Reader, length: number): PatternNode {
  const source = reader.pattern.slice(reader.index, reader.index + length)
  reader.index += length
  const expression = new RegExp(`^(?:${source})$`, reader.flags)
  const known = new Map<string, boolean>()
  return {
    type: 'character',
    matches: (character) => {
      const judged = known.get(character) ?? expression.test(character)
      if (known.size < MAX_KNOWN) known.set(character, judged)
      return judged
    },
  }
}

/** Enough for the letters of any alphabet that keys are made of. */
const MAX_KNOWN = 256

function classLength({ pattern, index }: Reader): number {
  let end = index + 1
  while (end < pattern.length && pattern[end] !== ']') end += pattern[end] === '\\' ? 2 : 1
  return end - index + 1
}

const ESCAPE = /\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|p\{[^}]*\}|c[a-z]|.)/isy

function escapeLength({ pattern, index }: Reader): number {
  if (/^\\[1-9k]/.test(pattern.slice(index, index + 2)))
    throw new SyntaxError('refers back to a group, which is not supported')
  if (/^\\b/i.test(pattern.slice(index, index + 2)))
    throw new SyntaxError('asks for a word boundary, which is not supported')
  ESCAPE.lastIndex = index
  return ESCAPE.exec(pattern)?.[0].length ?? 2
}
