import type { PingResult } from '@mortise/manifest/ping'
import { API_KEY, explain, pingAcme, readAcmeManifest } from '../acme/connection.ts'
import { startSaasApi } from '../world/saas-api.ts'

/** A ping that was made, as the page shows it. */
export interface PingLine {
  key: string
  ok: boolean
  answer: string
  /** Who must act, in words. */
  meaning: string
}

/** The pings that a person can ask for. */
export const PING_NAMES = ['right-key', 'wrong-key', 'no-answer'] as const

/** One of {@link PING_NAMES}. */
export type PingName = (typeof PING_NAMES)[number]

/** The last pings, and making one. */
export interface Pings {
  lines: () => readonly PingLine[]
  ping: (name: PingName) => Promise<PingLine>
}

const KEPT_LINES = 6
/** The discard port of loopback: nobody listens there. */
const NOBODY = 'http://127.0.0.1:9'

/** Pings Acme's simulated API, newest first. */
export function createPings(): Pings {
  const lines: PingLine[] = []
  const manifest = readAcmeManifest()
  return {
    lines: () => lines,
    ping: async (name) => {
      const api = await startSaasApi({ apiKey: API_KEY })
      const baseURI = name === 'no-answer' ? NOBODY : api.url
      const apiKey = name === 'wrong-key' ? 'acme-secret-key-0' : API_KEY
      const result = await pingAcme(manifest, { baseURI, apiKey })
      await api[Symbol.asyncDispose]()
      const line = {
        key: name.replace('-', ' '),
        ok: result.ok,
        answer: explain(result),
        meaning: meaningOf(result),
      }
      lines.unshift(line)
      lines.length = Math.min(lines.length, KEPT_LINES)
      return line
    },
  }
}

const WHO_ACTS = {
  auth: "The account's owner must enter another key.",
  rate_limit: 'Nobody: time will do.',
  transient: 'Nobody: nothing is known about the key, try again later.',
  permanent: "The app's author must look at the manifest.",
} as const

function meaningOf(result: PingResult): string {
  return result.ok ? 'The key works.' : WHO_ACTS[result.error.kind]
}
