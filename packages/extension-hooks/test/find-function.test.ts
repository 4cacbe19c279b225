import { EventEmitter } from 'node:events'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { findMember } from '../src/find-function.ts'

class Base {
  inherited() {
    return 1
  }
  static shared() {
    return 2
  }
}
class Hooks extends Base {
  own = () => 3
  method() {
    return 4
  }
}

describe('findMember', () => {
  it('finds own members, class methods, inherited methods and statics', () => {
    const hooks = new Hooks()
    for (const name of ['own', 'method', 'inherited'])
      expect(findMember(hooks, name)).toBeTypeOf('function')
    expect(findMember(Hooks, 'shared')).toBeTypeOf('function')
    expect(findMember({ group: { a: 1 } }, 'group')).toEqual({ a: 1 })
    expect(
      findMember(
        {
          get lazy() {
            return Base.shared
          },
        },
        'lazy',
      ),
    ).toBe(Base.shared)
    expect(findMember(Object.create({ f: Base.shared }) as object, 'f')).toBe(Base.shared)
    expect(
      findMember(
        Object.assign(() => 1, { f: Base.shared }),
        'f',
      ),
    ).toBe(Base.shared)
  })

  it('finds nothing that the language or Node.js put there', () => {
    const holders = [
      {},
      [],
      () => 1,
      new Hooks(),
      Hooks,
      new Map(),
      new Date(),
      Promise.resolve(),
      new EventEmitter(),
      new (class extends EventEmitter {})(),
      runInNewContext('({})'),
      Object.create(null) as object,
    ]
    const names = new Set<string>()
    for (const holder of holders) {
      for (
        let level: unknown = Object.getPrototypeOf(holder);
        level !== null;
        level = Object.getPrototypeOf(level)
      ) {
        for (const name of Object.getOwnPropertyNames(level)) names.add(name)
      }
    }
    names.delete('method')
    names.delete('inherited')
    names.delete('shared')
    expect(names.size).toBeGreaterThan(80)
    for (const holder of holders) {
      for (const name of names) {
        const found = Object.hasOwn(holder as object, name) ? undefined : findMember(holder, name)
        expect(found, `${String(holder?.constructor?.name)}.${name}`).toBeUndefined()
      }
    }
  })

  it('never answers to constructor, prototype and __proto__, whoever owns them', () => {
    const holder = JSON.parse('{"__proto__":{},"constructor":{},"prototype":{}}') as object
    for (const name of ['__proto__', 'constructor', 'prototype'])
      expect(findMember(holder, name)).toBeUndefined()
  })

  it('finds nothing in what is no object', () => {
    for (const holder of ['text', 5, true, null, undefined, Symbol('s')])
      expect(findMember(holder, 'length')).toBeUndefined()
  })
})
