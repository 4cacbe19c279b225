import { crc32 } from 'node:zlib'

const HEADER_BYTES = 8

/** The header and the data of one record. */
export function encodeRecord(data: Buffer): Buffer[] {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(data.length, 0)
  header.writeUInt32LE(crc32(data), 4)
  return [header, data]
}

/** The whole records of a file, and whether what follows them is a torn end or damage before other data. */
export function parseRecords(bytes: Buffer): {
  records: Buffer[]
  damage: 'none' | 'end' | 'inside'
} {
  const records: Buffer[] = []
  let at = 0
  while (at + HEADER_BYTES <= bytes.length) {
    // No record is empty: these are the zeros that some file systems leave where a write was cut off.
    if (bytes.readUInt32LE(at) === 0) {
      return { records, damage: bytes.subarray(at).some((byte) => byte !== 0) ? 'inside' : 'end' }
    }
    const end = at + HEADER_BYTES + bytes.readUInt32LE(at)
    const data = bytes.subarray(at + HEADER_BYTES, end)
    if (end > bytes.length) return { records, damage: 'end' }
    if (crc32(data) !== bytes.readUInt32LE(at + 4)) {
      return { records, damage: end === bytes.length ? 'end' : 'inside' }
    }
    records.push(data)
    at = end
  }
  return { records, damage: at === bytes.length ? 'none' : 'end' }
}
