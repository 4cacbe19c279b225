import type { PlatformCapabilities } from './platform-adapter.ts'

/** How fast a channel may send. */
export type SendLimits = Pick<
  NonNullable<PlatformCapabilities['limits']>,
  'perSecond' | 'perRecipientPerSecond' | 'recipientBurst'
>

/** @throws {TypeError} naming the limit that is none. */
export function checkSendLimits(limits: SendLimits): void {
  for (const name of ['perSecond', 'perRecipientPerSecond', 'recipientBurst'] as const) {
    const value = limits[name]
    const least = name === 'recipientBurst' ? 1 : Number.MIN_VALUE
    if (value === undefined || (Number.isFinite(value) && value >= least)) continue
    throw new TypeError(
      `limits.${name} must be a number above 0 (a burst: at least 1), but is ${value}`,
    )
  }
}

/** Where a message goes. */
export interface SendLane {
  channelId: string
  recipientId: string
}

/** Spaces sends out, for each channel and each recipient. */
export interface SendLimiter {
  /** Takes a place and says how long to wait for it, in milliseconds; takes none when that is longer than `maxWaitMs`. */
  reserve: (
    lane: SendLane,
    options: { limits: SendLimits; maxWaitMs: number },
  ) => { waitMs: number; granted: boolean }
  /** The platform said to wait: so does everybody in the same lane. */
  pause: (lane: SendLane, options: { scope: 'channel' | 'recipient'; forMs: number }) => void
}

const DEFAULT_RECIPIENT_BURST = 5
/** Lanes that are remembered; idle ones are forgotten first. */
const MAX_LANES = 50_000

/** A token bucket as two instants, in milliseconds since 1970. */
interface Bucket {
  /** When it would be full again (the generic cell rate algorithm). */
  fullAt: number
  /** Nobody goes before. */
  pausedUntil: number
}

interface Rate {
  key: string
  perSecond: number | undefined
  burst: number
}

/** A limiter over token buckets, one for each lane in use. */
export function createSendLimiter(now: () => number): SendLimiter {
  const buckets = new Map<string, Bucket>()

  function bucketOf(key: string): Bucket {
    const known = buckets.get(key)
    if (known) return known
    if (buckets.size >= MAX_LANES) forgetIdle()
    const bucket = { fullAt: 0, pausedUntil: 0 }
    buckets.set(key, bucket)
    return bucket
  }

  function forgetIdle(): void {
    for (const [key, { fullAt, pausedUntil }] of buckets) {
      const isIdle = fullAt <= now() && pausedUntil <= now()
      if (isIdle || buckets.size >= MAX_LANES) buckets.delete(key)
    }
  }

  function waitFor({ key, perSecond, burst }: Rate): number {
    const { fullAt, pausedUntil } = bucketOf(key)
    const openAt = perSecond === undefined ? 0 : fullAt - (1000 / perSecond) * (burst - 1)
    return Math.max(0, openAt - now(), pausedUntil - now())
  }

  function take({ key, perSecond }: Rate): void {
    const bucket = bucketOf(key)
    if (perSecond !== undefined) bucket.fullAt = Math.max(bucket.fullAt, now()) + 1000 / perSecond
  }

  return {
    reserve: (lane, { limits, maxWaitMs }) => {
      const rates = ratesOf(lane, limits)
      const waitMs = Math.ceil(Math.max(...rates.map(waitFor)))
      if (waitMs > maxWaitMs) return { waitMs, granted: false }
      for (const rate of rates) take(rate)
      return { waitMs, granted: true }
    },
    pause: (lane, { scope, forMs }) => {
      const bucket = bucketOf(scope === 'channel' ? channelKey(lane) : recipientKey(lane))
      bucket.pausedUntil = Math.max(bucket.pausedUntil, now() + forMs)
    },
  }
}

function ratesOf(lane: SendLane, limits: SendLimits): Rate[] {
  const { perSecond, perRecipientPerSecond, recipientBurst } = limits
  return [
    { key: channelKey(lane), perSecond, burst: Math.max(1, Math.floor(perSecond ?? 1)) },
    {
      key: recipientKey(lane),
      perSecond: perRecipientPerSecond,
      burst: recipientBurst ?? DEFAULT_RECIPIENT_BURST,
    },
  ]
}

const channelKey = ({ channelId }: SendLane) => JSON.stringify([channelId])
const recipientKey = ({ channelId, recipientId }: SendLane) =>
  JSON.stringify([channelId, recipientId])
