import { expect, it } from 'vitest'
import { splitPart } from '../src/s3/split-part.ts'

const GIB = 1024 ** 3

it.each([
  [1, 1],
  [5 * GIB, 1],
  [5 * GIB + 1, 2],
  [48 * GIB, 10],
])('a range of %i bytes is copied in %i parts that join without a gap', (length, count) => {
  const parts = splitPart({ key: 'k', ifMatch: 'v', range: { start: 3, end: 3 + length - 1 } })
  expect(parts).toHaveLength(count)
  let next = 3
  for (const part of parts) {
    const { start, end = 0 } = ('range' in part ? part.range : undefined) ?? { start: -1 }
    expect(start).toBe(next)
    expect(end - start + 1).toBeLessThanOrEqual(5 * GIB)
    expect(part).toMatchObject({ key: 'k', ifMatch: 'v' })
    next = end + 1
  }
  expect(next).toBe(3 + length)
})
