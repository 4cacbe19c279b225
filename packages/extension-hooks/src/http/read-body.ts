import type { IncomingMessage } from 'node:http'

/** The body, or why there is none. */
export type ReadBody = Buffer | 'too-large' | 'broken'

/** Reads a body up to a limit. Stops reading at the first byte beyond it. Never rejects. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const done = (body: ReadBody) => {
      request.off('data', take).off('end', end).off('close', broken).off('error', broken)
      resolve(body)
    }
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        request.pause()
        done('too-large')
      } else chunks.push(chunk)
    }
    const end = () =>
      done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size))
    const broken = () => done('broken')
    request.on('data', take).once('end', end).once('close', broken).once('error', broken)
  })
}
