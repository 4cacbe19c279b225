import type { SegmentObject, SegmentTarget } from './segment-target.ts'
import { isConditionRefused, isObjectMissing } from './segments-errors.ts'

export interface LeaseOptions {
  target: SegmentTarget
  key: string
  holder: string
  leaseMs: number
  now: () => number
  signal: AbortSignal
}

/** A claim to do the compaction of a file alone. It saves work; nothing is wrong when two hold it. */
export interface Lease {
  readonly etag: string
  readonly until: number
  readonly release: () => Promise<void>
}

const HOLDER = 'segments-holder'
const UNTIL = 'segments-until'
const MAX_LEASE_MS = 60_000

/** Takes the claim, or renews the own one; `undefined` while somebody else's lasts. */
export async function takeLease(
  options: LeaseOptions,
  held: Lease | undefined,
): Promise<Lease | undefined> {
  const { target, key, leaseMs, now, signal } = options
  if (held && now() < held.until - leaseMs / 2) return held
  const found = await target.stat({ key: `${key}.lease`, signal })
  const leftMs = Number(found?.metadata?.[UNTIL]) - now()
  // A claim that ends far ahead comes from a clock that was wrong.
  const lasts = leftMs > 0 && leftMs <= Math.max(leaseMs, MAX_LEASE_MS)
  if (lasts && found?.metadata?.[HOLDER] !== options.holder) return undefined
  return await writeLease(options, found, now() + leaseMs)
}

async function writeLease(
  options: LeaseOptions,
  found: SegmentObject | null,
  until: number,
): Promise<Lease | undefined> {
  const { target, key, holder, signal } = options
  const body = Buffer.from(`${holder} ${until}\n`) // the same content would be the same version
  const metadata = { [HOLDER]: holder, [UNTIL]: String(until) }
  const condition = found ? { ifMatch: found.etag } : { ifNoneMatch: '*' as const }
  try {
    const { etag } = await target.put({ key: `${key}.lease`, body, metadata, ...condition, signal })
    const release = async () => {
      await writeLease(options, { etag, sizeBytes: 0 }, 0)
    }
    return { etag, until, release }
  } catch (error) {
    if (isConditionRefused(error) || isObjectMissing(error)) return undefined
    throw error
  }
}
