import { boundedCall } from './bounded-call.ts'
import { fromMetadata } from './commit-record.ts'
import { requireDay } from './day.ts'
import { watched } from './file-state.ts'
import { journalPrefix } from './journal.ts'
import { DocumentError } from './list-scanner.ts'
import { type ParsedOptions, parseOptions } from './parse-options.ts'
import { scanDocument } from './scan-document.ts'
import type { SegmentsFormat } from './segments-format.ts'
import { MAX_SIDE_FILES, sideKey } from './side-key.ts'
import type { SegmentsUploaderOptions } from './uploader-options.ts'

/** What a look at one day's file found. */
export interface FileReport {
  readonly key: string
  readonly exists: boolean
  /** Whether it is complete and its own record agrees with it. */
  readonly valid: boolean
  /** Why it is not. */
  readonly problem?: string
  readonly sizeBytes: number
  readonly profiles: number
  /** How many different ids; absent beyond `MAX_COUNTED` of them, so that memory stays bounded. */
  readonly distinctIds?: number
  /** The most frequent segments, counted among the first `MAX_COUNTED` names. */
  readonly topSegments: readonly { readonly segment: string; readonly profiles: number }[]
  /** Journal objects that wait to be folded into it. */
  readonly waiting: number
  /** Files that were begun because this one could not be read. */
  readonly sideFiles: readonly string[]
}

/** So many ids and segment names are told apart. */
const MAX_COUNTED = 1_000_000
const TOP_SEGMENTS = 10

/**
 * Reads a whole day, `YYYY-MM-DD` (default: today), in bounded memory and says what is in it.
 * @throws {TypeError} naming the option that is wrong, or `day`
 * @throws {IntegrationError} what the store answered, or that it did not within `requestTimeoutMs`
 */
export async function inspectDay(
  options: SegmentsUploaderOptions,
  day?: string,
): Promise<FileReport> {
  const parsed = parseOptions(options)
  const key = parsed.keyOf(requireDay(day ?? parsed.dayOf(parsed.now())))
  const { requestTimeoutMs: timeoutMs, signal } = parsed
  return await boundedCall((signal, alive) => inspectKey(key, { ...parsed, signal, alive }), {
    timeoutMs,
    signal,
  })
}

/** How a store is asked: each answer keeps the time limit away. */
type Look = ParsedOptions & { readonly alive: () => void }

async function inspectKey(key: string, look: Look): Promise<FileReport> {
  const { target, format, idField, signal, alive } = look
  const waiting = await countKeys(journalPrefix(key), look)
  const sideFiles = await findSideFiles(key, look)
  const empty = { key, sizeBytes: 0, profiles: 0, topSegments: [], waiting, sideFiles }
  const object = await target.stat({ key, signal })
  if (!object) return { ...empty, exists: false, valid: true }
  alive()
  const { body } = await target.get({ key, ifMatch: object.etag, signal })
  const found = await inspectFile(watched(body, look), format, idField)
  const recorded = fromMetadata(object.metadata)?.count
  const agrees = recorded === undefined || recorded === found.profiles || !found.valid
  return {
    ...empty,
    ...found,
    exists: true,
    sizeBytes: object.sizeBytes,
    ...(!agrees && {
      valid: false,
      problem: `its record says ${recorded} profiles, and it has ${found.profiles}`,
    }),
  }
}

/** Reads one file from anywhere. */
export async function inspectFile(
  body: AsyncIterable<Uint8Array>,
  format: SegmentsFormat,
  idField: string,
): Promise<Pick<FileReport, 'valid' | 'problem' | 'profiles' | 'distinctIds' | 'topSegments'>> {
  const ids = new Set<string>()
  const segments = new Map<string, number>()
  let profiles = 0
  const look = (value: unknown) => {
    profiles += 1
    const entry = (value ?? {}) as { segments?: unknown } & Record<string, unknown>
    if (ids.size <= MAX_COUNTED) ids.add(JSON.stringify(entry[idField]))
    if (Array.isArray(entry.segments)) count(segments, entry.segments)
  }
  const counts = () => ({
    profiles,
    ...(ids.size <= MAX_COUNTED && { distinctIds: ids.size }),
    topSegments: topOf(segments),
  })
  try {
    await scanDocument(body, format, (elements) => {
      for (const { value } of elements) look(value)
    })
    return { valid: true, ...counts() }
  } catch (error) {
    if (error instanceof DocumentError) return { valid: false, problem: error.message, ...counts() }
    throw error
  }
}

function count(segments: Map<string, number>, names: readonly unknown[]): void {
  for (const name of names) {
    const text = typeof name === 'string' ? name : JSON.stringify(name)
    const before = segments.get(text)
    if (before !== undefined || segments.size < MAX_COUNTED) segments.set(text, (before ?? 0) + 1)
  }
}

function topOf(segments: ReadonlyMap<string, number>): FileReport['topSegments'] {
  return [...segments]
    .map(([segment, profiles]) => ({ segment, profiles }))
    .sort((a, b) => b.profiles - a.profiles)
    .slice(0, TOP_SEGMENTS)
}

async function countKeys(prefix: string, { target, alive }: Look): Promise<number> {
  let keys = 0
  for await (const entry of target.list({ prefix })) {
    alive()
    keys += entry.kind === 'object' ? 1 : 0
  }
  return keys
}

async function findSideFiles(key: string, { target, signal, alive }: Look): Promise<string[]> {
  const found: string[] = []
  for (let side = 1; side <= MAX_SIDE_FILES; side += 1) {
    const name = sideKey(key, side)
    if ((await target.stat({ key: name, signal })) === null) break
    alive()
    found.push(name)
  }
  return found
}
