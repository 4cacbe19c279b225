import { PermanentError } from '@mortise/errors'

/** Reads a body up to a limit; beyond it the connection is given up. */
export async function readLimited(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBytes)
      throw new PermanentError(`The answer is larger than ${maxBytes} bytes.`, {
        code: 'PROTOCOL',
        outcome: 'unknown',
      })
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}
