/** Members whose values never reach a file, wherever they stand. */
const SECRETS: ReadonlySet<string> = new Set([
  'bearertoken',
  'encrypted',
  'authorization',
  'access_token',
  'systemtoken',
  'license',
  'parentlicense',
])

/** What stands in their place. */
export const REDACTED = '[redacted]'

/** Shorter values are not looked for elsewhere: they would be found everywhere. */
const MIN_SECRET_LENGTH = 8

/**
 * Makes a function that copies JSON values without secrets: without the members that hold them, and without the
 * texts that stood in such members of any of the `sources`, wherever an answer repeats them. `more` names further
 * members, in lower case.
 */
export function createRedact(
  sources: readonly unknown[],
  more: ReadonlySet<string> = new Set(),
): (value: unknown) => unknown {
  const isSecret = (key: string) => SECRETS.has(key.toLowerCase()) || more.has(key.toLowerCase())
  const texts = new Set<string>()
  const collect = (value: unknown, inside: boolean): void => {
    if (typeof value === 'string' && inside && value.length >= MIN_SECRET_LENGTH) texts.add(value)
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) collect(member, inside || isSecret(key))
  }
  for (const source of sources) collect(source, false)

  const copy = (value: unknown): unknown => {
    if (typeof value === 'string') return hide(value, texts)
    if (Array.isArray(value)) return value.map(copy)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, isSecret(key) ? REDACTED : copy(member)]),
    )
  }
  return copy
}

function hide(text: string, secrets: ReadonlySet<string>): string {
  let hidden = text
  for (const secret of secrets) hidden = hidden.replaceAll(secret, REDACTED)
  return hidden
}
