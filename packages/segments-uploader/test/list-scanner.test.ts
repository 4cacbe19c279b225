import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DocumentError, LineScanner, ListScanner } from '../src/list-scanner.ts'

/** Scans a text that arrives in pieces of the given sizes. */
function scan(scanner: ListScanner | LineScanner, text: string, sizes: readonly number[]) {
  const bytes = Buffer.from(text)
  const values: unknown[] = []
  let at = 0
  for (let piece = 0; at < bytes.length; piece += 1) {
    const size = sizes[piece % Math.max(sizes.length, 1)] ?? bytes.length
    for (const { value } of scanner.push(bytes.subarray(at, at + size))) values.push(value)
    at += size
  }
  return { values, ...scanner.end() }
}

const space = fc.constantFrom('', ' ', '\n', '\t ', '  ')
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

describe('a list scanner', () => {
  it('finds what JSON.parse finds, wherever the pieces are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), space, sizes, (list, gap, sizes) => {
        const elements = list.map((value) => gap + JSON.stringify(value) + gap)
        const text = `${gap}{${gap}"profiles"${gap}:${gap}[${elements.join(',') || gap}]${gap}}${gap}`
        const found = scan(new ListScanner('profiles'), text, sizes)
        expect(found.values).toEqual(JSON.parse(text).profiles)
        expect(found.count).toBe(list.length)
        expect(Buffer.from(text)[found.close]).toBe(']'.charCodeAt(0))
      }),
    )
  })

  it('refuses every text that JSON.parse refuses', () => {
    const whole = '{"profiles":[{"a":"[]\\"}"},[1,{"b":2}],"x"]}'
    fc.assert(
      fc.property(
        fc.nat({ max: whole.length - 1 }),
        fc.constantFrom('', '}', ']', ',', '"', '{', 'x', '\\'),
        sizes,
        (at, instead, sizes) => {
          const text = whole.slice(0, at) + instead + whole.slice(at + 1)
          let parsed: { profiles?: unknown } | undefined
          try {
            parsed = JSON.parse(text)
          } catch {}
          const read = () => scan(new ListScanner('profiles'), text, sizes)
          if (Array.isArray(parsed?.profiles)) expect(read().values).toEqual(parsed.profiles)
          else expect(read).toThrow(DocumentError)
        },
      ),
    )
  })

  it.each(['{"profiles":[1,]}', '{"profiles":[,1]}', '{"profiles":[1 2]}', '{"profiles":[1]]}'])(
    'refuses %s',
    (text) => {
      expect(() => scan(new ListScanner('profiles'), text, [3])).toThrow(DocumentError)
    },
  )

  it('does not hold a head without end', () => {
    const scanner = new ListScanner('profiles')
    expect(() => {
      for (let piece = 0; piece < 100; piece += 1) scanner.push(Buffer.alloc(10_000, ' '))
    }).toThrow(DocumentError)
  })

  it('finds a list whose name has brackets and quotes in it', () => {
    const name = 'a[1]"[\\'
    const text = `{${JSON.stringify(name)}:[1]}`
    expect(scan(new ListScanner(name), text, [1]).values).toEqual([1])
  })

  it('judges what stands behind the list as it comes, and holds nothing of it', () => {
    const scanner = new ListScanner('profiles')
    scanner.push(Buffer.from('{"profiles":[]} '))
    scanner.push(Buffer.from(' \n'))
    expect(scanner.end()).toEqual({ close: 13, count: 0 })
    expect(() => scanner.push(Buffer.from('\0'))).toThrow(DocumentError)
  })
})

describe('a line scanner', () => {
  it('finds one value a line, wherever the pieces are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), sizes, (list, sizes) => {
        const text = list.map((value) => `${JSON.stringify(value)}\n`).join('')
        const found = scan(new LineScanner(), text, sizes)
        expect(found.values).toEqual(list.map((value) => JSON.parse(JSON.stringify(value))))
        expect(found).toMatchObject({ count: list.length, close: Buffer.byteLength(text) })
      }),
    )
  })

  it.each(['{"a":1}\n{"b"', '{"a":1}\n\n', 'x\n'])('refuses %j', (text) => {
    expect(() => scan(new LineScanner(), text, [2])).toThrow(DocumentError)
  })

  it('reads a long line in the time that its bytes take', () => {
    const scanner = new LineScanner()
    const piece = Buffer.alloc(16 * 1024, '1')
    scanner.push(Buffer.from('"'))
    for (let pieces = 0; pieces < 4_000; pieces += 1) scanner.push(piece)
    const found = scanner.push(Buffer.from('"\n'))
    expect(found[0]?.bytes).toHaveLength(4_000 * piece.length + 2)
  })
})
