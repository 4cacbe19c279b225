/** What became of the records of one hook call. */
export interface HookCallLine {
  hook: string
  records: { text: string; outcome: 'kept' | 'skipped' | 'failed'; reason?: string }[]
  /** The whole call failed, and this is why. */
  failure?: string
  ms: number
  /** ISO 8601. */
  at: string
}

/** The hook calls that were made, for people to read. */
export interface HookCalls {
  add: (line: Omit<HookCallLine, 'at'>) => void
  /** Newest first. */
  lines: () => readonly HookCallLine[]
}

const KEPT_LINES = 30

/** Keeps the last calls in memory. */
export function createHookCalls(): HookCalls {
  const lines: HookCallLine[] = []
  return {
    add: (line) => {
      lines.unshift({ ...line, at: new Date().toISOString() })
      lines.length = Math.min(lines.length, KEPT_LINES)
    },
    lines: () => lines,
  }
}
