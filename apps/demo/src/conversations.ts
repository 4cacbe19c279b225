/** One line of a conversation. */
export interface ConversationLine {
  platform: string
  contact: string
  direction: 'in' | 'out'
  text: string
  /** ISO 8601. */
  at: string
}

/** What was said, for people to read. */
export interface Conversations {
  add: (line: Omit<ConversationLine, 'at'>) => void
  lines: () => readonly ConversationLine[]
}

const MAX_LINES = 500

/** Keeps the last lines in memory and tells who listens that there is news. */
export function createConversations(onNews: () => void = () => {}): Conversations {
  const lines: ConversationLine[] = []
  return {
    add: (line) => {
      lines.push({ ...line, at: new Date().toISOString() })
      if (lines.length > MAX_LINES) lines.shift()
      onNews()
    },
    lines: () => lines,
  }
}
