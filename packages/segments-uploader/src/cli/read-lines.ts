import type { Readable } from 'node:stream'
import { LineSplitter } from '../line-splitter.ts'
import { MAX_ELEMENT_BYTES } from '../list-scanner.ts'

/** What is longer is no payload: it would be larger than the largest profile, however it is escaped. */
const MAX_LINE_BYTES = 2 * MAX_ELEMENT_BYTES

/**
 * The lines of a stream until `signal` ends it; `undefined` for one that is not UTF-8. Only a line feed ends a line:
 * JSON may have other separators of lines in its texts.
 * @throws {Error} when a line is too long, or the stream fails
 */
export async function* readLines(
  stream: Readable,
  signal: AbortSignal,
): AsyncGenerator<string | undefined> {
  const tooLong = () =>
    new Error(`a line has more than ${MAX_LINE_BYTES} bytes: this is not NDJSON`)
  const lines = new LineSplitter(MAX_LINE_BYTES, tooLong)
  const stop = () => stream.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of stream) {
      for (const line of lines.push(Buffer.from(chunk))) yield textOf(line)
    }
    const rest = lines.rest()
    if (rest !== undefined) yield textOf(rest)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Without the byte order mark that some shells put at the beginning. */
function textOf(line: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line)
  } catch {
    return undefined
  }
}
