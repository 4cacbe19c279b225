import type { IncomingMessage } from 'node:http'

/** The body, or why there is none. */
export type ReadBody = Buffer | 'too-large'

/**
 * Reads a body up to a limit and calls back once, or never when the request breaks off: then nobody waits for an
 * answer. Stops reading at the first byte beyond the limit.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  callback: (body: ReadBody) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  const collect = (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
    else {
      request.off('data', collect).off('end', finish).pause()
      callback('too-large')
    }
  }
  const finish = () =>
    callback(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size))
  request.on('data', collect).on('end', finish)
}
