/** What stands in a daily file that was written by somebody else. */
export interface InspectedDocument {
  /** How many elements the list has. */
  readonly count: number
  /** The offset of the bracket that closes the list. */
  readonly close: number
  /** The bytes before that bracket, when they are few enough to hold. */
  readonly content: Buffer | undefined
}

export interface InspectOptions {
  listName: string
  heldBytes: number
}

const CLOSE = /\]\s*\}\s*$/

/** Reads a whole document and finds its list, or the reason why nothing may be added to it. */
export async function inspectDocument(
  body: AsyncIterable<Uint8Array>,
  options: InspectOptions,
): Promise<InspectedDocument | { reason: string }> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const list = readList(bytes, options.listName)
  if ('reason' in list) return list
  const tail = bytes.subarray(-64).toString('latin1')
  const close = bytes.length - (tail.length - tail.search(CLOSE))
  const content = close <= options.heldBytes ? bytes.subarray(0, close) : undefined
  return { count: list.count, close, content }
}

function readList(bytes: Buffer, listName: string): { count: number } | { reason: string } {
  let document: unknown
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return { reason: 'it is not valid JSON' }
  }
  const names = typeof document === 'object' && document !== null ? Object.keys(document) : []
  const list = (document as Record<string, unknown> | null)?.[listName]
  if (names.length !== 1 || !Array.isArray(list)) {
    return { reason: `it is not an object with the list "${listName}" alone` }
  }
  return { count: list.length }
}
