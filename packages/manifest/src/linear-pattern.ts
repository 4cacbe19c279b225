// Patterns come from documents and run over what users type, so none may take forever. JavaScript's own
// matcher backtracks: `(a+)+b` takes exponential time, `.*.*.*z` cubic. Here a pattern becomes a
// nondeterministic automaton and all its states walk over the text at once: time is states × characters.
// Only the single characters of a pattern (`a`, `[a-z]`, `\d`) are left to JavaScript's matcher.
import { type PatternNode, parsePattern } from './pattern-syntax.ts'

/** Longer values are refused before a pattern sees them. */
export const MAX_PATTERN_INPUT = 2000

/** Counted repetition is written out, so a small pattern can make a large automaton. */
const MAX_STATES = 2000

/** A compiled pattern: whether the whole text matches. */
export interface LinearPattern {
  test: (text: string) => boolean
}

type State =
  | { character: (character: string) => boolean; next: number }
  | { split: readonly number[] }
  | { at: 'start' | 'end'; next: number }
  | { accept: true }

/** Why a field's pattern cannot be used; `undefined` when it can. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/**
 * Compiles a regular expression without look-around and back references. It is anchored at both ends,
 * whether it says so or not.
 *
 * @throws {SyntaxError} whose message completes the sentence "the pattern …".
 */
export function compilePattern(pattern: string): LinearPattern {
  const states: State[] = [{ accept: true }]
  const add = (state: State) => {
    if (states.length >= MAX_STATES) throw new SyntaxError('repeats too much')
    return states.push(state) - 1
  }
  const start = build(parsePattern(pattern), 0, add)
  return { test: (text) => run(states, start, text) }
}

/** Adds the states of a node in front of `next` and answers the first of them. */
function build(node: PatternNode, next: number, add: (state: State) => number): number {
  switch (node.type) {
    case 'character':
      return add({ character: node.matches, next })
    case 'anchor':
      return add({ at: node.at, next })
    case 'sequence':
      return node.parts.reduceRight((following, part) => build(part, following, add), next)
    case 'choice':
      return add({ split: node.options.map((option) => build(option, next, add)) })
    case 'repeat':
      return buildRepeat(node, next, add)
  }
}

function buildRepeat(
  { part, min, max }: PatternNode & { type: 'repeat' },
  next: number,
  add: (state: State) => number,
): number {
  let first = next
  if (max === Number.POSITIVE_INFINITY) {
    const split: number[] = []
    first = add({ split })
    split.push(build(part, first, add), next)
  } else {
    for (let count = min; count < max; count++)
      first = add({ split: [build(part, first, add), next] })
  }
  for (let count = 0; count < min; count++) first = build(part, first, add)
  return first
}

function run(states: readonly State[], start: number, text: string): boolean {
  let current = new Set<number>()
  let position = 0
  const enter = (into: Set<number>, first: number) => {
    const waiting = [first]
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      if (into.has(state)) continue
      into.add(state)
      const found = states[state]
      if (!found) continue
      if ('split' in found) waiting.push(...found.split)
      else if ('at' in found && position === (found.at === 'start' ? 0 : text.length))
        waiting.push(found.next)
    }
  }
  enter(current, start)
  for (const character of text) {
    position += character.length
    const following = new Set<number>()
    for (const index of current) {
      const state = states[index]
      if (state && 'character' in state && state.character(character)) enter(following, state.next)
    }
    if (following.size === 0) return false
    current = following
  }
  return current.has(0)
}
