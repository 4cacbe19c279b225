import type { Finding } from './finding.ts'
import { isErrorLike, isObject, read, readArray, readString } from './safe-read.ts'

/** More would repeat itself; all of them belong in a form, not in a message. */
const MAX_ISSUES = 20
const MAX_ISSUES_IN_MESSAGE = 3
const MAX_SEGMENTS = 20

/**
 * A validation error with `issues`, as zod, valibot and every library of the Standard Schema family throw them.
 * @see https://standardschema.dev
 */
export function judgeValidationError(thrown: object): Finding | undefined {
  const found = readArray(thrown, 'issues', MAX_ISSUES)
  if (!found || !isErrorLike(thrown)) return undefined
  const issues = found.filter(isIssue).map(toIssue)
  if (issues.length === 0) return undefined
  const shown = issues.slice(0, MAX_ISSUES_IN_MESSAGE).map(({ path, message }) => {
    return path === '' ? message : `${path}: ${message}`
  })
  const more = Number(read(read(thrown, 'issues'), 'length')) - shown.length
  return {
    kind: 'permanent',
    code: 'INPUT_INVALID',
    message: shown.join('; ') + (more > 0 ? ` (and ${more} more)` : ''),
    details: { issues },
  }
}

function isIssue(issue: unknown): issue is object {
  return isObject(issue) && typeof read(issue, 'message') === 'string'
}

/** Path and message only: some libraries put the refused value itself into an issue. */
function toIssue(issue: object) {
  const path = (readArray(issue, 'path', MAX_SEGMENTS) ?? []).map(segment).join('.')
  return { path, message: readString(issue, 'message') ?? '' }
}

/** A path segment is a key, or an object with one. */
function segment(part: unknown): string {
  const key = isObject(part) ? read(part, 'key') : part
  return typeof key === 'string' || typeof key === 'number' ? String(key) : '?'
}
