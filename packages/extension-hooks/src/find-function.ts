/** Any function of an author. */
export type AuthorFunction = (this: unknown, ...parameters: never[]) => unknown

// The platform abbreviates these four groups; every other type is the name of its group.
const groupOfType: Readonly<Record<string, string>> = {
  hook: 'hooks',
  wrapper: 'wrappers',
  setting: 'settings',
  utility: 'utilities',
}

/** The group that a call's `type` means. */
export function groupName(type: string): string {
  return Object.hasOwn(groupOfType, type) ? (groupOfType[type] as string) : type
}

// Never looked up, wherever they stand: each of them leads out of the author's objects.
const forbidden: ReadonlySet<string> = new Set(['constructor', 'prototype', '__proto__'])

/**
 * Reads what an author put under a name: an own member, or a method of the author's classes. The walk up the
 * prototypes ends before the language's and Node's own, so `toString`, `call` or `__defineGetter__` are
 * simply absent.
 */
export function findMember(holder: unknown, name: string): unknown {
  if (
    (typeof holder !== 'object' && typeof holder !== 'function') ||
    holder === null ||
    forbidden.has(name)
  )
    return undefined
  if (Object.hasOwn(holder, name)) return (holder as Record<string, unknown>)[name]
  for (
    let level: object | null = Object.getPrototypeOf(holder);
    level !== null;
    level = Object.getPrototypeOf(level)
  ) {
    if (isForeign(level)) return undefined
    if (Object.hasOwn(level, name)) {
      const member = (holder as Record<string, unknown>)[name]
      return typeof member === 'function' && isNative(member) ? undefined : member
    }
  }
  return undefined
}

/** A prototype of another realm is recognised by its constructor, which is native there too. */
function isForeign(prototype: object): boolean {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  if (typeof prototype === 'function') return isNative(prototype)
  return typeof maker === 'function' && (isNative(maker) || maker.name === 'EventEmitter')
}

function isNative(value: object): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(value))
}
