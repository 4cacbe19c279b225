// Patterns come from documents and run over what users type, so none may take forever. JavaScript's own
// matcher backtracks: `(a+)+b` takes exponential time, `.*.*.*z` cubic. Here a pattern becomes a
// nondeterministic automaton and all its states walk over the text at once: time is states × characters.
// Only the single characters of a pattern (`a`, `[a-z]`, `\d`) are left to JavaScript's matcher.
import { type PatternNode, parsePattern } from './pattern-syntax.ts'

/** Longer values are refused before a pattern sees them. */
export const MAX_PATTERN_INPUT = 2000

/** Counted repetition is written out, so a small pattern can make a large automaton. */
const MAX_STATES = 2000

/** Longer patterns are nobody's. */
const MAX_PATTERN_LENGTH = 2000

/** Repeating nothing adds no states, and takes time all the same. */
const MAX_STEPS = 20_000

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
  if (pattern.length > MAX_PATTERN_LENGTH) throw new SyntaxError('is too long')
  const states: State[] = [{ accept: true }]
  let steps = 0
  const machine: Machine = {
    step: () => {
      if (++steps > MAX_STEPS) throw new SyntaxError('repeats too much')
    },
    add: (state) => {
      if (states.length >= MAX_STATES) throw new SyntaxError('repeats too much')
      return states.push(state) - 1
    },
  }
  const start = build(parsePattern(pattern), 0, machine)
  return { test: (text) => run(states, start, text) }
}

interface Machine {
  step: () => void
  add: (state: State) => number
}

/** Adds the states of a node in front of `next` and answers the first of them. */
function build(node: PatternNode, next: number, machine: Machine): number {
  const { add } = machine
  machine.step()
  switch (node.type) {
    case 'character':
      return add({ character: node.matches, next })
    case 'anchor':
      return add({ at: node.at, next })
    case 'sequence':
      return node.parts.reduceRight((following, part) => build(part, following, machine), next)
    case 'choice':
      return add({ split: node.options.map((option) => build(option, next, machine)) })
    case 'repeat':
      return buildRepeat(node, next, machine)
  }
}

function buildRepeat(
  { part, min, max }: PatternNode & { type: 'repeat' },
  next: number,
  machine: Machine,
): number {
  const { add } = machine
  let first = next
  if (max === Number.POSITIVE_INFINITY) {
    const split: number[] = []
    first = add({ split })
    split.push(build(part, first, machine), next)
  } else {
    for (let count = min; count < max; count++) {
      machine.step()
      first = add({ split: [build(part, first, machine), next] })
    }
  }
  for (let count = 0; count < min; count++) first = build(part, first, machine)
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
