import type { IncomingMessage } from 'node:http'

/** The body, or why there is none. */
export type ReadBody = Buffer | 'too-large' | 'broken'

/** Reads a body up to a limit and calls back once. Stops reading at the first byte beyond the limit. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  callback: (body: ReadBody) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  let ended = false
  const done = (body: ReadBody) => {
    if (ended) return
    ended = true
    callback(body)
  }
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
    else {
      request.pause()
      chunks.length = 0
      done('too-large')
    }
  })
  request.on('end', () =>
    done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)),
  )
  // A request that breaks off ends in `close` without `end`. Node reports its error only to those who listen for it.
  request.on('close', () => done('broken'))
}
