/** Longer values are refused before a pattern sees them: even a harmless one takes time by length. */
export const MAX_PATTERN_INPUT = 2000

/** Why a field's pattern cannot be used; `undefined` when it can. */
export function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u')
  } catch {
    return 'is not a valid regular expression'
  }
  return hasNestedRepetition(pattern)
    ? 'repeats a group that itself repeats, which can take forever'
    : undefined
}

/** The whole value must match: a pattern is anchored whether it says so or not. */
export function compilePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u')
}

/**
 * Whether an unbounded repetition encloses another repetition or a choice, e.g. `(a+)+` or `(a|a)*`:
 * the patterns on which backtracking takes exponential time. Refuses a few harmless ones too.
 */
function hasNestedRepetition(pattern: string): boolean {
  const groups: boolean[] = [false]
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]
    if (character === '\\') index++
    else if (character === '[') index = classEnd(pattern, index)
    else if (character === '(') groups.push(false)
    else if (character === '|') groups[groups.length - 1] = true
    else if (character === ')') {
      const repeats = groups.pop() ?? false
      const isRepeated = isUnbounded(pattern, index + 1)
      if (repeats && isRepeated) return true
      if (repeats || isRepeated) groups[groups.length - 1] = true
    } else if (isUnbounded(pattern, index + 1)) groups[groups.length - 1] = true
  }
  return false
}

/** Also counts `{2,}` and large bounded repetitions. */
function isUnbounded(pattern: string, index: number): boolean {
  const rest = pattern.slice(index, index + 12)
  if (/^[*+]/.test(rest)) return true
  const counted = /^\{\d+(,)?(\d*)\}/.exec(rest)
  return counted?.[1] !== undefined && (counted[2] === '' || Number(counted[2]) > 20)
}

function classEnd(pattern: string, start: number): number {
  let index = start + 1
  while (index < pattern.length && pattern[index] !== ']') index += pattern[index] === '\\' ? 2 : 1
  return index
}
