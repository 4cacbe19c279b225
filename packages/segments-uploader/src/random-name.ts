import { randomInt } from 'node:crypto'

const NAMES = 36 ** 8

/** Eight letters and digits, for a writer or a line of appends: 41 bits. */
export function randomName(): string {
  return randomInt(NAMES).toString(36).padStart(8, '0')
}
