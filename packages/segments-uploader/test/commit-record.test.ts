import { describe, expect, it } from 'vitest'
import {
  fromMetadata,
  isMarkReliable,
  MAX_MARKS,
  type Marks,
  toMetadata,
  withMark,
} from '../src/commit-record.ts'

const many = (count: number): Marks => {
  let marks: Marks = new Map()
  for (let writer = 0; writer < count; writer += 1) {
    const name = writer.toString(36).padStart(8, '0')
    marks = withMark(marks, name, { batch: 2 ** 40, first: 10_000_000 })
  }
  return marks
}
const record = (marks: Marks, lineage = 'aaaaaaaa') => ({
  lineage,
  count: 10_000_000,
  close: 2 ** 40,
  marks,
  ledger: 'bbbbbbbb',
})

describe('a commit record', () => {
  it('comes back from the metadata as it was', () => {
    for (const count of [0, 1, MAX_MARKS]) {
      const written = record(many(count))
      expect(fromMetadata(toMetadata(written))).toEqual(written)
      expect([...(fromMetadata(toMetadata(written))?.marks.keys() ?? [])]).toEqual([
        ...written.marks.keys(),
      ])
    }
  })

  it('fits into the 2 KB that S3 gives, however many writers there were', () => {
    const metadata = toMetadata(record(many(1_000)))
    const bytes = Object.entries(metadata).flat().join('').length
    expect(bytes).toBeLessThan(2_048)
  })

  it.each([
    undefined,
    {},
    { 'segments-state': '' },
    { 'segments-state': 'a.b' },
    { 'segments-state': 'A.1.1' },
    { 'segments-state': '1.1.1.1' },
  ])('is not found in %j', (metadata) => {
    expect(fromMetadata(metadata as Record<string, string> | undefined)).toBeUndefined()
  })

  it('forgets the writers that have been silent longest', () => {
    const marks = withMark(many(MAX_MARKS), 'zzzzzzzz', { batch: 1, first: 0 })
    expect(marks.size).toBe(MAX_MARKS)
    expect(marks.has('00000000')).toBe(false)
    expect([...marks.keys()].at(-1)).toBe('zzzzzzzz')
  })

  it('says whether a missing mark proves that nothing landed', () => {
    const few = record(many(3))
    const full = record(many(MAX_MARKS))
    expect(isMarkReliable(few, few)).toBe(true)
    expect(isMarkReliable(full, full)).toBe(true)
    expect(isMarkReliable(few, record(many(3), 'cccccccc'))).toBe(false)
    const later = record(withMark(many(MAX_MARKS), 'zzzzzzzz', { batch: 1, first: 0 }))
    expect(isMarkReliable(full, later)).toBe(true)
    const others = record(new Map([...many(2 * MAX_MARKS)].slice(-MAX_MARKS)))
    expect(isMarkReliable(few, others)).toBe(false)
  })
})
