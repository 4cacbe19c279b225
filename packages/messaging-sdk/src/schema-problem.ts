import type { BaseIssue } from 'valibot'

/** The first issue as a sentence that names the field, and never repeats what stood there. */
export function schemaProblem(
  subject: string,
  [issue]: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]],
): string {
  const path = issue.path?.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
  return `${subject}${path?.join('') ?? ''}: ${wrongness(issue)}`
}

function wrongness({ kind, received, expected, message }: BaseIssue<unknown>): string {
  if (kind !== 'schema') return message
  return received === 'undefined' ? 'is missing' : `must be ${expected}`
}
