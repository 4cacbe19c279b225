import type { SegmentListEntry } from '../segment-target.ts'

/** Reads a body to its end. */
export async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** The keys of a walk. */
export async function collect(entries: AsyncIterable<SegmentListEntry>): Promise<string[]> {
  const keys: string[] = []
  for await (const entry of entries) if (entry.kind === 'object') keys.push(entry.key)
  return keys
}
