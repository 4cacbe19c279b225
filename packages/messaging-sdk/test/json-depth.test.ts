import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nestsDeeperThan } from '../src/json-depth.ts'

const depthOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

it('agrees with the depth of the parsed value, whatever stands in strings', () => {
  const values = fc.json({
    depthSize: 'medium',
    stringUnit: fc.constantFrom('[', '{', '"', '\\', 'ü'),
  })
  fc.assert(
    fc.property(values, fc.nat(8), (text, max) => {
      expect(nestsDeeperThan(Buffer.from(text), max)).toBe(depthOf(JSON.parse(text)) > max)
    }),
  )
})

it('stops at the end of a body that ends within a string', () => {
  for (const text of ['"', '"\\', '["[[[[', '{"a\\"']) {
    expect(nestsDeeperThan(Buffer.from(text), 3)).toBe(false)
  }
})
