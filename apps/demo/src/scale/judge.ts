/** Everything that was seen of a run, as plain data. `number`s are those of the events, in the order they were written. */
export interface Evidence {
  /** The numbers that were acknowledged with 200, by conversation, in their order. */
  acknowledged: ReadonlyMap<string, readonly number[]>
  /** The daily file from its first profile to its last: whose, and the number that it carries. */
  profiles: readonly { conversation: string; number: number }[]
  /** The number of each reply that the platform took. */
  replies: readonly number[]
  /** Events set aside, by the code of their error. */
  deadLetters: readonly { number: number; code: string }[]
}

/** What the evidence says. */
export interface Verdict {
  acknowledged: number
  handled: number
  /** Acknowledged, and not in the daily file. */
  lost: number
  /** In the daily file more than once. */
  doubled: number
  /** Conversations whose events stand in the file in another order than they were written in. */
  orderBroken: number
  segmentsInFile: number
  repliesSent: number
  repliesTwice: number
  /** A process was killed while it was sending them: nobody knows, so nobody repeats them. */
  repliesInDoubt: number
  /** Neither sent nor in doubt. */
  repliesMissing: number
}

const IN_DOUBT = 'MESSAGING_SEND_IN_DOUBT'

/** Holds what was acknowledged against what was done. */
export function judge({ acknowledged, profiles, replies, deadLetters }: Evidence): Verdict {
  const numbers = new Set([...acknowledged.values()].flat())
  const times = countEach(profiles.map(({ number }) => number))
  const replyTimes = countEach(replies)
  const inDoubt = new Set(
    deadLetters.flatMap(({ number, code }) => (code === IN_DOUBT ? number : [])),
  )
  const lost = [...numbers].filter((number) => !times.has(number))
  const unanswered = [...numbers].filter((number) => !replyTimes.has(number))
  return {
    acknowledged: numbers.size,
    handled: numbers.size - lost.length,
    lost: lost.length,
    doubled: [...times.values()].filter((count) => count > 1).length,
    orderBroken: [...acknowledged].filter(([name, written]) => !inOrder(name, written, profiles))
      .length,
    segmentsInFile: profiles.length,
    repliesSent: replies.length,
    repliesTwice: [...replyTimes.values()].filter((count) => count > 1).length,
    repliesInDoubt: inDoubt.size,
    repliesMissing: unanswered.filter((number) => !inDoubt.has(number)).length,
  }
}

/** Whether everything is as promised. */
export function isWhole(verdict: Verdict): boolean {
  const { lost, doubled, orderBroken, repliesTwice, repliesMissing } = verdict
  return lost + doubled + orderBroken + repliesTwice + repliesMissing === 0
}

/** Lost and doubled ones are counted elsewhere; here they do not count twice. */
function inOrder(
  conversation: string,
  written: readonly number[],
  profiles: Evidence['profiles'],
): boolean {
  const stored = new Set(
    profiles.flatMap((profile) => (profile.conversation === conversation ? profile.number : [])),
  )
  const expected = written.filter((number) => stored.has(number))
  const known = new Set(expected)
  return [...stored].filter((number) => known.has(number)).join() === expected.join()
}

function countEach(numbers: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  return counts
}
