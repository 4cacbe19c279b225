import { join } from 'node:path'

/*
 * How keys lie on the disk. A key is cut behind every "/", and each piece is percent-encoded with its slash:
 *
 *   reports/2026/a b.json   →   objects/reports%2F/2026%2F/a%20b.json
 *
 * So the key `a` (a file `a`) and the key `a/b` (a file `b` in the folder `a%2F`) never collide, no name is "..",
 * hidden or reserved on some system, and a path turns back into its key. A piece too long for one name goes on
 * in a folder whose name ends in "%".
 */

/** File systems allow 255 bytes in a name. */
const MAX_NAME_BYTES = 240

/** Names that Windows keeps for devices, alone or before a dot. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** The names on the way to a key's file; all but the last are folders. */
export function namesOf(key: string): string[] {
  return key.split(/(?<=\/)/).flatMap(namesOfPiece)
}

export function pathOf(folder: string, key: string): string {
  return join(folder, ...namesOf(key))
}

/** The piece of a key that one name on the disk stands for. `undefined` when we did not write it. */
export function pieceOf(name: string): string | undefined {
  try {
    return decodeURIComponent(name.endsWith('%') ? name.slice(0, -1) : name)
  } catch {
    return undefined
  }
}

function namesOfPiece(piece: string): string[] {
  const names: string[] = []
  let name = ''
  for (const character of piece) {
    const encoded = encodeCharacter(character)
    if (name.length + encoded.length > MAX_NAME_BYTES) {
      names.push(`${name}%`)
      name = ''
    }
    name += encoded
  }
  return [...names, name].map(avoidReserved)
}

/** Plain are only characters that mean nothing to any system; the rest is `%` and two digits a byte. */
function encodeCharacter(character: string): string {
  if (/[\w\-. ~@+=,()]/.test(character)) return character === ' ' ? '%20' : character
  return [...Buffer.from(character)].map(hex).join('')
}

/** A leading dot hides, a trailing dot vanishes on Windows, a device name opens the device. */
function avoidReserved(name: string): string {
  if (name.startsWith('.') || RESERVED.test(name)) {
    return hex(name.charCodeAt(0)) + avoidTrailingDot(name.slice(1))
  }
  return avoidTrailingDot(name)
}

function avoidTrailingDot(name: string): string {
  return name.endsWith('.') ? `${name.slice(0, -1)}%2E` : name
}

function hex(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
