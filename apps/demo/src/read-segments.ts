import { text } from 'node:stream/consumers'
import type { StorageProvider } from '@mortise/files-remote'
import { segmentsFileName } from '@mortise/segments-uploader'

/** A day's segments, as they lie in the storage. */
export interface DailySegments {
  key: string
  sizeBytes: number
  profiles: { smi_uid: string; segments: string[] }[]
}

/** The day that segments are counted for now: `2026-11-22`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** The segments of a day. Default: today's; empty while nobody was added, as just after midnight. */
export async function readSegments(
  storage: StorageProvider,
  day = today(),
): Promise<DailySegments> {
  const key = segmentsFileName(day)
  if (!(await storage.stat({ key }))) return { key, sizeBytes: 0, profiles: [] }
  const { body, sizeBytes } = await storage.get({ key })
  const { profiles } = JSON.parse(await text(body)) as Pick<DailySegments, 'profiles'>
  return { key, sizeBytes, profiles }
}
