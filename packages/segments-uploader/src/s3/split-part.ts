import type { SegmentPart } from '../segment-target.ts'

/** The most that one part may copy. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_COPY_BYTES = 5 * 1024 ** 3

/** A range that is too long for one part as several of about the same length, so that none is too short either. */
export function splitPart(part: SegmentPart): SegmentPart[] {
  if ('body' in part || part.range?.end === undefined) return [part]
  const { start, end } = part.range
  const length = end - start + 1
  const pieces = Math.max(1, Math.ceil(length / MAX_COPY_BYTES))
  const step = Math.ceil(length / pieces)
  return Array.from({ length: pieces }, (_, index) => {
    const from = start + index * step
    return { ...part, range: { start: from, end: Math.min(from + step - 1, end) } }
  })
}
