import type { AsyncLocalStorage } from 'node:async_hooks'
import type { HookKind } from './hook-kind.ts'

/** What a running function knows about its call. The second argument of every tagged function. */
export interface HookContext {
  /** The name the platform called. */
  readonly functionName: string
  /** Absent for untagged functions. */
  readonly kind: HookKind | undefined
  /** The platform's `_reqId`, where it sent one. */
  readonly requestId: string | undefined
  /** The platform's trace id, where it sent one. */
  readonly traceId: string | undefined
  /** W3C trace context of the request, as received. */
  readonly traceparent: string | undefined
  /** Fires at the deadline or when the caller goes away. Pass it to `fetch` and to timers. */
  readonly signal: AbortSignal
  /** Milliseconds until the deadline, never negative. */
  readonly remainingMs: () => number
  /**
   * Leaves an answer for the case that the deadline passes first: the output itself, or a function that makes
   * it at that moment. The last one counts and is checked like any other. Record mode does this by itself.
   */
  readonly reportPartial: (output: unknown) => void
}

/** `each` also sees where its record stands. Its page is answered in part at the deadline without being asked. */
export interface RecordContext<TInput = unknown> extends Omit<HookContext, 'reportPartial'> {
  /** Position in the page, from 0. */
  readonly index: number
  /** The whole input of the page. */
  readonly input: TInput
}

/** The context of a running call, as its host sees it. */
export interface RunningContext extends HookContext {
  /** Fails the call, unless it has ended. */
  readonly fail: (error: unknown) => void
}

// In the global registry, as each door brings a host of its own, and an extension and its host may come from two
// installed copies. Node's module is not imported, for the reason that `parse-call.ts` gives.
const storageKey = Symbol.for('mortise.hook-contexts')
const registry = globalThis as { [storageKey]?: AsyncLocalStorage<RunningContext> }
registry[storageKey] ??= new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)()
const contexts = registry[storageKey]

/** The context of the call that the current code runs in, however deep; `undefined` outside of one. */
export function currentHookContext(): HookContext | undefined {
  return contexts.getStore()
}

/** The same as {@link currentHookContext}, as the host sees it. */
export function runningContext(): RunningContext | undefined {
  return contexts.getStore()
}

/** Runs code, and everything it starts, inside the context of a call. */
export function runInContext<T>(context: RunningContext, run: () => T): T {
  return contexts.run(context, run)
}
