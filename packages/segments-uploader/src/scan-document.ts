import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { DocumentError, type ScannedElement } from './list-scanner.ts'
import type { SegmentsFormat } from './segments-format.ts'

/** What stands in a whole file. */
export interface ScannedDocument {
  readonly count: number
  /** Where the tail begins in the uncompressed bytes. */
  readonly close: number
}

/**
 * Reads a whole file in bounded memory and shows each run of elements to `onElements`.
 * @throws {DocumentError} when it is not what `format` says
 */
export async function scanDocument(
  body: AsyncIterable<Uint8Array>,
  format: SegmentsFormat,
  onElements: (elements: readonly ScannedElement[]) => void = () => {},
): Promise<ScannedDocument> {
  const scanner = format.scanner()
  const source = format.compressed ? gunzip(body) : body
  for await (const chunk of source) onElements(scanner.push(chunk))
  return scanner.end()
}

async function* gunzip(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sourceFailure: unknown
  const source = (async function* () {
    try {
      yield* body
    } catch (error) {
      sourceFailure = error
      throw error
    }
  })()
  const unpacked = createGunzip()
  // Whoever reads is told of a failure there; leaving early is none.
  pipeline(source, unpacked).catch(() => {})
  try {
    yield* unpacked
  } catch (error) {
    throw sourceFailure ?? new DocumentError(`it is not valid gzip: ${(error as Error).message}`)
  }
}
