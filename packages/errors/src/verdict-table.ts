import type { Verdict } from './finding.ts'

/** Verdicts, each with the words it is given for, divided by white space. */
export type VerdictRows = readonly (readonly [Verdict, string])[]

/** The verdict of every word. Whoever calls it marks the call as pure, so that a bundler can drop an unused table. */
export function verdictTable(rows: VerdictRows): ReadonlyMap<unknown, Verdict> {
  return new Map(
    rows.flatMap(([verdict, words]) => words.split(/\s+/).map((word) => [word, verdict])),
  )
}
