import { runningContext } from './hook-context.ts'

/** The part of `process` that is listened to. */
export type UncaughtErrorSource = Pick<NodeJS.Process, 'on' | 'off' | 'listenerCount'>

/**
 * Turns errors that a function lost (thrown in a timer or an event, or a rejection nobody awaited) into the failure
 * of its own call, instead of the end of the process. Errors of anything else end the process as before, unless
 * another listener of `uncaughtException` is there. Never installed by itself; returns its undo.
 */
export function containUncaughtErrors(source: UncaughtErrorSource = process): () => void {
  const contain = (error: unknown) => {
    const context = runningContext()
    if (context !== undefined) context.fail(error)
    // Thrown from here, an error ends the process with its stack, which is what happened without us.
    else if (source.listenerCount('uncaughtException') === 1) throw error
  }
  source.on('uncaughtException', contain)
  source.on('unhandledRejection', contain)
  return () => {
    source.off('uncaughtException', contain)
    source.off('unhandledRejection', contain)
  }
}
