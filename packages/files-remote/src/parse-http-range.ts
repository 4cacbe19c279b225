import type { ResolvedRange } from './byte-range.ts'

/**
 * The range that a `Range` header asks of an object: one range of bytes. Anything else, several ranges
 * included, is ignored, as RFC 9110 allows.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function parseHttpRange(
  header: string | null,
  sizeBytes: number,
): ResolvedRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [, first, last] = match
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes)
    return length === 0 ? 'unsatisfiable' : { start: sizeBytes - length, end: sizeBytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  if (last !== '' && Number(last) < start) return undefined
  return start >= sizeBytes ? 'unsatisfiable' : { start, end }
}
