/** Slack's own advice, and ours wherever a time is signed. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const SIGNED_TIME_TOLERANCE_MS = 5 * 60 * 1000

/**
 * Whether a signed time is near enough, on both sides: old requests are replays, future ones are forged
 * clocks. Use it only where the time is part of what is signed.
 */
export function isSignedTimeFresh(
  epochSeconds: string | undefined,
  options: { now: number; toleranceMs?: number },
): boolean {
  if (!epochSeconds || !/^\d{1,12}$/.test(epochSeconds)) return false
  const ageMs = options.now - Number(epochSeconds) * 1000
  return Math.abs(ageMs) <= (options.toleranceMs ?? SIGNED_TIME_TOLERANCE_MS)
}
