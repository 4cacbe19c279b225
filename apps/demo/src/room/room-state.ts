import { text } from 'node:stream/consumers'
import { segmentsFileName } from '@mortise/segments-uploader'
import type { ConversationLine } from '../conversations.ts'
import type { RunningDemo } from '../start-demo.ts'
import type { PingLine, Pings } from './pings.ts'

/** Everything that the page shows besides the steps, read from where it really is. */
export interface RoomState {
  platforms: string[]
  conversations: readonly ConversationLine[]
  files: { key: string; sizeBytes: number; url: string }[]
  segments: { key: string; profiles: unknown[]; total: number }
  deadLetters: { id: string; message: string; code: string; attempts: number }[]
  pings: readonly PingLine[]
  waiting: number
}

const SHOWN_FILES = 12
const SHOWN_PROFILES = 8

/** Reads the state of the parts. */
export async function readRoomState(
  { parts, setup }: RunningDemo,
  pings: Pings,
): Promise<RoomState> {
  const { transport } = parts
  const [files, segments, dead, lag] = await Promise.all([
    readFiles(parts),
    readSegments(parts),
    transport.deadLetters.list(),
    transport.lag(),
  ])
  return {
    platforms: setup.accounts.map(({ name }) => name),
    conversations: parts.conversations.lines(),
    files,
    segments,
    deadLetters: dead.map(({ id, error, attempts }) => {
      return { id, message: error.message, code: error.code, attempts }
    }),
    pings: pings.lines(),
    waiting: lag.reduce((sum, { pending }) => sum + pending, 0),
  }
}

async function readFiles({ storage }: RunningDemo['parts']): Promise<RoomState['files']> {
  const files: RoomState['files'] = []
  for await (const entry of storage.list({ prefix: 'inbox/' })) {
    if (entry.kind !== 'object') continue
    const { url } = await storage.signUrl({ method: 'GET', key: entry.key })
    files.push({ key: entry.key, sizeBytes: entry.sizeBytes, url })
    if (files.length === SHOWN_FILES) break
  }
  return files
}

async function readSegments({ storage }: RunningDemo['parts']): Promise<RoomState['segments']> {
  const key = segmentsFileName(new Date().toISOString().slice(0, 10))
  if (!(await storage.stat({ key }))) return { key, profiles: [], total: 0 }
  const { body } = await storage.get({ key })
  const { profiles } = JSON.parse(await text(body)) as { profiles: unknown[] }
  return { key, profiles: profiles.slice(-SHOWN_PROFILES), total: profiles.length }
}
