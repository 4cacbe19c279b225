// The words in which a document that does not fit the schema is reported.
import { closestName } from './closest-name.ts'
import { type DocumentPath, type Finding, formatPath } from './diagnostic.ts'

/** A place in the document as a chain to the root: cheap to make, turned into a path only when reported. */
export interface Place {
  parent: Place | undefined
  key: string | number
}

/** The path of a place; the root is `undefined`. */
export function pathOf(place: Place | undefined): DocumentPath {
  const path: (string | number)[] = []
  for (let current = place; current; current = current.parent) path.unshift(current.key)
  return path
}

/** A required property that is not there. */
export function missing(name: string, place: Place | undefined): Finding {
  const path = [...pathOf(place), name]
  return {
    code: 'MANIFEST_PROPERTY_MISSING',
    severity: 'error',
    path,
    message: `${formatPath(path)} is missing.`,
    hint: `Add "${name}".`,
  }
}

/** A property that the schema does not know, with the free name that it may be a slip of. */
export function unknownProperty(place: Place, freeNames: Iterable<string>): Finding {
  const path = pathOf(place)
  const near = closestName(String(place.key).slice(0, 64), freeNames)
  return {
    code: 'MANIFEST_PROPERTY_UNKNOWN',
    severity: 'error',
    path,
    at: 'key',
    message: `${formatPath(path)} is not a known property.`,
    hint: near ? `Did you mean "${near}"?` : 'Remove it, or look up its name in the README.',
    fix: near
      ? { description: `Rename it to "${near}"`, changes: [{ rename: path, to: near }] }
      : undefined,
  }
}

/** A name, in an object with free names, of the wrong form. */
export function wrongKey(place: Place, form: string): Finding {
  const path = pathOf(place)
  return {
    code: 'MANIFEST_KEY_INVALID',
    severity: 'error',
    path,
    at: 'key',
    message: `The name ${formatPath(path)} does not have the right form.`,
    hint: `It matches ${form}.`,
  }
}

/** A value of the wrong JSON type. */
export function wrongType(place: Place | undefined, value: unknown, wanted: string): Finding {
  const path = pathOf(place)
  return {
    code: 'MANIFEST_TYPE_INVALID',
    severity: 'error',
    path,
    message: `${formatPath(path)} is ${typeName(value)}, but must be of type ${wanted}.`,
    hint: `Write a value of type ${wanted}.`,
  }
}

/** A value of the right type that is not one of those allowed, with the one that it may be a slip of. */
export function notListed(
  place: Place | undefined,
  value: unknown,
  allowed: readonly unknown[],
): Finding {
  const path = pathOf(place)
  const near =
    typeof value === 'string'
      ? closestName(value.slice(0, 64), allowed.filter(isString))
      : undefined
  const list = allowed.map((entry) => JSON.stringify(entry)).join(', ')
  return {
    code: 'MANIFEST_VALUE_INVALID',
    severity: 'error',
    path,
    message: `${formatPath(path)} is not one of the values allowed.`,
    hint: near ? `Did you mean "${near}"? It is one of ${list}.` : `It is one of ${list}.`,
    fix: near
      ? { description: `Write "${near}"`, changes: [{ set: path, value: near }] }
      : undefined,
  }
}

/** Any other rule that a value breaks. */
export function invalid(place: Place | undefined, problem: string, hint: string): Finding {
  const path = pathOf(place)
  return {
    code: 'MANIFEST_VALUE_INVALID',
    severity: 'error',
    path,
    message: `${formatPath(path)} ${problem}.`,
    hint,
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}
