/** The last JSON object in what a program printed; lines of a log may stand before it. */
export function lastJson(output: string): Record<string, unknown> | undefined {
  const begins = [...output.matchAll(/^\{/gm)].map(({ index }) => index)
  for (const begin of begins.toReversed()) {
    try {
      return JSON.parse(output.slice(begin)) as Record<string, unknown>
    } catch {
      // a line that only looked like one
    }
  }
  return undefined
}
