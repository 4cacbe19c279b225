import { describe, expect, it } from 'vitest'
import { fileNameOf, safeFileName } from '../src/index.ts'

const url = new URL('https://example.com/a/report%20final.pdf?x=1')

describe('fileNameOf', () => {
  it.each([
    ['attachment; filename="plan.txt"', 'plan.txt'],
    ["attachment; filename=plan.txt; filename*=UTF-8''%e2%82%ac%20rates.txt", '€ rates.txt'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ['attachment; filename="..\\\\..\\\\windows\\\\win.ini"', 'win.ini'],
    ["attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", 'passwd'],
    ['attachment; filename="/"', 'download'],
    ['attachment', 'report final.pdf'],
    ['attachment; filename=', 'report final.pdf'],
    ['complete nonsense;;;=', 'report final.pdf'],
    [undefined, 'report final.pdf'],
  ])('of %j is %j', (field, name) => {
    expect(fileNameOf(field, url)).toBe(name)
  })

  it.each([
    ['https://example.com/', 'download'],
    ['https://example.com/%E0%A4%A', '%E0%A4%A'],
    ['https://example.com/..%2f..%2fa', 'a'],
    ['https://example.com/a/', 'download'],
  ])('of the address %s is %j', (address, name) => {
    expect(fileNameOf(undefined, new URL(address))).toBe(name)
  })
})

describe('safeFileName', () => {
  it.each([
    ['con', '_con'],
    ['NUL.txt', '_NUL.txt'],
    ['com1', '_com1'],
    ['console.txt', 'console.txt'],
    ['.bashrc', 'bashrc'],
    ['a.txt.', 'a.txt'],
    ['a.txt  ', 'a.txt'],
    ['a\u0000b\nc', 'abc'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['a:b*c?d"e<f>g|h', 'abcdefgh'],
    ['Cafe\u0301', 'Café'],
  ])('makes %j %j', (given, safe) => {
    expect(safeFileName(given)).toBe(safe)
  })

  it.each(['', '..', '...', '/', ' . ', '\u0000'])('has nothing left of %j', (given) => {
    expect(safeFileName(given)).toBeUndefined()
  })

  it('keeps the extension of a name that is too long', () => {
    const name = safeFileName(`${'ü'.repeat(300)}.tar`) ?? ''
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(name).toMatch(/^ü+\.tar$/)
  })
})
