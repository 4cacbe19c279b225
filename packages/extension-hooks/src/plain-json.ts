/** Deeper answers are refused: `JSON.stringify` recurses, and nobody writes them by hand. */
export const MAX_DEPTH = 1000
const MAX_KEY_LENGTH = 64

/** A value that JSON cannot carry unchanged, and where it stands: `$[3].data.total`. */
export interface Offence {
  path: string
  readonly reason: string
}

/** How strict the walk is and how much it looks at. */
export interface PlainJsonOptions {
  /** Lets through what JSON changes silently: `NaN`, `undefined` members, boxed primitives. Default false. */
  lossy?: boolean | undefined
  /** Values looked at before giving up; each of them takes a byte of JSON at least. Default: no limit. */
  maxValues?: number | undefined
}

/** The reason given when `maxValues` was not enough. */
export const TOO_MANY_VALUES = 'holds too many values'

/** Finds the first value that JSON cannot carry unchanged; `undefined` when there is none. Never throws. */
export function findOffence(value: unknown, options: PlainJsonOptions = {}): Offence | undefined {
  const walker = new Walker(options.lossy === true, options.maxValues ?? Number.POSITIVE_INFINITY)
  try {
    const offence = walker.walk(value, 0)
    if (offence !== undefined) offence.path = `$${offence.path}`
    return offence
  } catch {
    return { path: '$', reason: 'cannot be read: one of its members throws' }
  }
}

class Walker {
  readonly #lossy: boolean
  #left: number

  constructor(lossy: boolean, maxValues: number) {
    this.#lossy = lossy
    this.#left = maxValues
  }

  walk(value: unknown, depth: number): Offence | undefined {
    if (--this.#left < 0) return offend(TOO_MANY_VALUES)
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return undefined
      case 'number':
        return this.#lossy || Number.isFinite(value) ? undefined : offend(`is ${value}`)
      case 'undefined':
        return this.#lossy ? undefined : offend('is undefined')
      case 'object':
        return value === null ? undefined : this.#walkObject(value, depth)
      default:
        return offend(`is a ${typeof value}`)
    }
  }

  #walkObject(value: object, depth: number): Offence | undefined {
    if (depth >= MAX_DEPTH) return offend(`is cyclic or deeper than ${MAX_DEPTH} levels`)
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function')
      return offend(`is ${describe(value)} with a toJSON method`)
    if (Array.isArray(value)) return this.#walkArray(value, depth + 1)
    if (!isPlain(value)) {
      const boxed = value instanceof Number || value instanceof String || value instanceof Boolean
      return boxed && this.#lossy ? undefined : offend(`is ${describe(value)}`)
    }
    for (const key in value) {
      const offence = this.walk((value as Record<string, unknown>)[key], depth + 1)
      if (offence !== undefined && Object.hasOwn(value, key)) {
        offence.path = memberPath(key) + offence.path
        return offence
      }
    }
    return undefined
  }

  #walkArray(value: readonly unknown[], depth: number): Offence | undefined {
    for (let index = 0; index < value.length; index++) {
      const offence = this.walk(value[index], depth)
      if (offence !== undefined) {
        offence.path = `[${index}]${offence.path}`
        return offence
      }
    }
    return undefined
  }
}

function offend(reason: string): Offence {
  return { path: '', reason }
}

/** Literals, null-prototype objects, and the literals of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return (
    Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
  )
}

function describe(value: object): string {
  const maker: unknown = (value as { constructor?: unknown }).constructor
  const name =
    typeof maker === 'function' && maker.name !== ''
      ? maker.name.slice(0, MAX_KEY_LENGTH)
      : 'an object of a class'
  return name === 'Object' || name.startsWith('an ') ? 'an object' : `an instance of ${name}`
}

function memberPath(key: string): string {
  if (key.length > MAX_KEY_LENGTH) return `["${key.slice(0, MAX_KEY_LENGTH)}…"]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
