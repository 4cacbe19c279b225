import type { ConversationLine } from '../conversations.ts'
import type { HookCallLine } from '../hook-calls.ts'
import { readSegments } from '../read-segments.ts'
import type { RunningDemo } from '../running-demo.ts'
import type { FaultLine } from './fault-line.ts'
import type { PingLine, Pings } from './pings.ts'

/** Everything that the page shows besides the steps, read from where it really is. */
export interface RoomState {
  /** By name; a real account cannot be written as. */
  platforms: { name: string; simulated: boolean }[]
  conversations: readonly ConversationLine[]
  files: { key: string; sizeBytes: number; mediaType: string; url: string }[]
  segments: { key: string; profiles: unknown[]; total: number; sizeBytes: number }
  hookCalls: readonly HookCallLine[]
  deadLetters: { id: string; message: string; code: string; attempts: number }[]
  pings: readonly PingLine[]
  faults: ReturnType<FaultLine['states']>
  waiting: number
}

/** What the room itself remembers. */
export interface RoomMemory {
  pings: Pings
  line: FaultLine
}

const SHOWN_FILES = 9
const SHOWN_PROFILES = 8

/** Reads the state of the parts. */
export async function readRoomState(
  { parts, setup, world }: RunningDemo,
  { pings, line }: RoomMemory,
): Promise<RoomState> {
  const { transport } = parts
  const [files, segments, dead, lag] = await Promise.all([
    readFiles(parts),
    readNewest(parts),
    transport.deadLetters.list(),
    transport.lag(),
  ])
  return {
    platforms: setup.accounts.map(({ name }) => {
      return { name, simulated: world.some((side) => side.name === name) }
    }),
    conversations: parts.conversations.lines(),
    files,
    segments,
    hookCalls: parts.hookCalls.lines(),
    deadLetters: dead.map(({ id, error, attempts }) => {
      return { id, message: error.message, code: error.code, attempts }
    }),
    pings: pings.lines(),
    faults: line.states(),
    waiting: lag.reduce((sum, { pending }) => sum + pending, 0),
  }
}

/** The newest ones. */
async function readFiles({ storage }: RunningDemo['parts']): Promise<RoomState['files']> {
  const stored: { key: string; time: number }[] = []
  for await (const entry of storage.list({ prefix: 'inbox/' })) {
    if (entry.kind !== 'object') continue
    stored.push({ key: entry.key, time: entry.lastModified?.getTime() ?? 0 })
  }
  const newest = stored.sort((a, b) => b.time - a.time).slice(0, SHOWN_FILES)
  const files = newest.map(async ({ key }) => {
    const stat = await storage.stat({ key })
    const { url } = await storage.signUrl({ method: 'GET', key })
    const mediaType = stat?.mediaType ?? 'application/octet-stream'
    return { key, url, mediaType, sizeBytes: stat?.sizeBytes ?? 0 }
  })
  return await Promise.all(files)
}

async function readNewest({ storage }: RunningDemo['parts']): Promise<RoomState['segments']> {
  const { profiles, ...file } = await readSegments(storage)
  return { ...file, profiles: profiles.slice(-SHOWN_PROFILES), total: profiles.length }
}
