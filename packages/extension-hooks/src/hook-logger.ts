/** What a logger of ours needs to be: `console`, pino and winston all fit. The object comes first. */
export interface HookLogger {
  readonly info: (fields: object, message?: string) => void
  readonly warn: (fields: object, message?: string) => void
}

/** A logger whose own failures stay its own: an answer must not depend on it. */
export function guardLogger(logger: HookLogger | undefined): HookLogger | undefined {
  if (logger === undefined) return undefined
  const guard = (level: 'info' | 'warn') => (fields: object, message?: string) => {
    try {
      logger[level](fields, message)
    } catch {
      // Nothing left to tell it to.
    }
  }
  return { info: guard('info'), warn: guard('warn') }
}
