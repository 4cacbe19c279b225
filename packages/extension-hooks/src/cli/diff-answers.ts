import { isDeepStrictEqual } from 'node:util'

/** One place where two answers differ: `[2].data.total`. */
export interface Difference {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

/** Differences looked for before giving up, so that a page that changed everywhere stays readable. */
const MAX_DIFFERENCES = 20

/** Compares two JSON values member by member, and pages record by record. */
export function diffAnswers(before: unknown, after: unknown): Difference[] {
  const differences: Difference[] = []
  compare('', before, after, differences)
  return differences
}

function compare(path: string, before: unknown, after: unknown, found: Difference[]): void {
  if (found.length >= MAX_DIFFERENCES || isDeepStrictEqual(before, after)) return
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      compare(`${path}[${index}]`, before[index], after[index], found)
    }
    return
  }
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(`${path}.${key}`, before[key], after[key], found)
    }
    return
  }
  found.push({ path: path === '' ? '$' : path, before, after })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
