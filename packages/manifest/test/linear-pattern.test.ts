import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern, MAX_PATTERN_INPUT, patternProblem } from '../src/linear-pattern.ts'
import './seed.ts'

describe('compilePattern', () => {
  it.each([
    '(a|a)*b',
    '(a*)*',
    '([a-z]+)+$',
    '(.*)*x',
    '(a{0,30}){0,30}b',
    '(a?){25}a{25}',
    '(\\w+\\s?)*$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    'x*x*x*x*x*x*x*y',
    '.*.*.*.*.*z',
    '(?:a{0,20}){20}b',
    '(a|aa){20}b',
  ])('%s takes no time on any text', { timeout: 30_000 }, (pattern) => {
    const compiled = compilePattern(pattern)
    for (const letter of ['a', 'x', '!'])
      for (const end of ['', '!', 'b']) compiled.test(letter.repeat(MAX_PATTERN_INPUT - 1) + end)
  })

  it.each([
    ['(', /not a valid regular expression/],
    ['(?=a)a', /looks ahead/],
    ['(?<!a)a', /looks ahead or behind/],
    ['(a)\\1', /refers back/],
    ['\\bx', /word boundary/],
    ['((a{100}){100}){100}', /repeats too much/],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, /too deep/],
  ])('refuses %s', (pattern, problem) => {
    expect(patternProblem(pattern)).toMatch(problem)
  })

  it.each([
    ['^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$', 'abc.def', true],
    ['https?://.+', 'https://x', true],
    ['[\\w\\-\\.]+@x\\_y', 'a-b.c@x_y', true],
    ['\\u{1F600}+', '😀😀', true],
    ['.', '😀', true],
    ['\\p{L}{2,3}', 'äß', true],
    ['a{2}', 'aaa', false],
    ['a|b', 'ab', false],
    ['', '', true],
    ['a$b', 'ab', false],
    ['(?<year>\\d{4})-\\d\\d', '2026-11', true],
  ])('%s on %s is %j', (pattern, text, expected) => {
    expect(compilePattern(pattern).test(text)).toBe(expected)
  })

  it('agrees with JavaScript’s own matcher', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\.', 'c')
    const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?')
    const { node } = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.tuple(atom, quantifier).map(([one, times]) => one + times),
        fc.tuple(tie('node'), tie('node')).map(([one, two]) => one + two),
        fc
          .tuple(tie('node'), tie('node'), quantifier)
          .map(([one, two, times]) => `(${one}|${two})${times}`),
        fc.tuple(tie('node'), quantifier).map(([one, times]) => `(?:${one})${times}`),
      ),
    }))
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '7', '\n'), maxLength: 5 })
    fc.assert(
      fc.property(node, text, (pattern, value) => {
        // Not longer: the other matcher would take minutes over the longest ones.
        fc.pre(pattern.length < 24 && patternProblem(pattern) === undefined)
        expect(compilePattern(pattern).test(value)).toBe(
          new RegExp(`^(?:${pattern})$`, 'u').test(value),
        )
      }),
      { numRuns: 600 },
    )
  })
})
