import type { SignedWebhook } from './simulated-platform.ts'

/** The keys that lead to a value within a body. */
export type Path = (string | number)[]

/** Values that nobody promised never to send. */
export const JUNK: unknown[] = [
  ...[null, true, 0, -1, '', 'junk', [], {}, [null], { junk: [{}] }],
  ...['constructor', 'toString', '__proto__'], // names that every object knows
]

/** The body with one value after another replaced, or one form field after another left out. */
export function* spoiled(webhook: SignedWebhook): Generator<{ body: string; what: string }> {
  const type = webhook.headers['content-type'] ?? ''
  if (type.startsWith('application/json')) {
    const value = JSON.parse(webhook.body) as unknown
    for (const { body, what } of spoiledJson(value)) yield { body: JSON.stringify(body), what }
    return
  }
  const form = new URLSearchParams(webhook.body)
  for (const [name, text] of form) {
    const without = new URLSearchParams(form)
    without.delete(name)
    yield { body: without.toString(), what: `without ${name}` }
    const blank = new URLSearchParams(form)
    blank.set(name, '')
    yield { body: blank.toString(), what: `${name} blank` }
    if (!text.startsWith('{')) continue
    for (const { body, what } of spoiledJson(JSON.parse(text))) {
      const changed = new URLSearchParams(form)
      changed.set(name, JSON.stringify(body))
      yield { body: changed.toString(), what: `${name}: ${what}` }
    }
  }
}

function* spoiledJson(value: unknown): Generator<{ body: unknown; what: string }> {
  for (const path of pathsOf(value)) {
    for (const junk of JUNK) {
      yield {
        body: withValue(value, path, junk),
        what: `${path.join('.')} = ${JSON.stringify(junk)}`,
      }
    }
  }
}

/** The way to every value in a body, the body itself first. */
export function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value)
  return [path, ...entries.flatMap(([key, item]) => pathsOf(item, [...path, key]))]
}

/** The body with another value at the end of a path. */
export function withValue(value: unknown, path: Path, replacement: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return replacement
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === key ? withValue(item, rest, replacement) : item))
  }
  const object = value as Record<string, unknown>
  return { ...object, [key]: withValue(object[key], rest, replacement) }
}

/** Whether a path is element 0 of a list of two. */
export function isFirstOfTwo(value: unknown, path: Path): boolean {
  if (path.at(-1) !== 0) return false
  let list = value
  for (const key of path.slice(0, -1)) list = (list as Record<string | number, unknown>)[key]
  return Array.isArray(list) && list.length === 2
}
