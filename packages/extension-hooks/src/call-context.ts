import type { RunningContext } from './hook-context.ts'
import type { HookKind } from './hook-kind.ts'
import type { NodeCallback } from './settle.ts'

/** Where a context comes from: the names and ids of its call. */
export interface CallIdentity {
  readonly functionName: string
  readonly kind: HookKind | undefined
  readonly requestId: string | undefined
  readonly traceId: string | undefined
  readonly traceparent: string | undefined
  /** Whether the host lets through what JSON changes silently. */
  readonly lossy: boolean
}

/** An output that was reported before the deadline, made when it is asked for. */
export type Partial = () => unknown

/** The host's side of a context: it can abort it and take the partial output. */
export class CallContext implements RunningContext {
  readonly functionName: string
  readonly kind: HookKind | undefined
  readonly requestId: string | undefined
  readonly traceId: string | undefined
  readonly traceparent: string | undefined
  readonly lossy: boolean
  #controller: AbortController | undefined
  #partial: Partial | undefined
  #callback: NodeCallback | undefined
  readonly #deadlineAt: number
  readonly #now: () => number

  constructor(
    identity: CallIdentity,
    clock: { readonly deadlineAt: number; readonly now: () => number },
  ) {
    this.functionName = identity.functionName
    this.kind = identity.kind
    this.requestId = identity.requestId
    this.traceId = identity.traceId
    this.traceparent = identity.traceparent
    this.lossy = identity.lossy
    this.#deadlineAt = clock.deadlineAt
    this.#now = clock.now
  }

  // Made when asked for: most functions never look, and a controller costs more than the rest of a small call.
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  get partial(): Partial | undefined {
    return this.#partial
  }

  // Made when asked for as well, and bound, so that an author may take them out of the context.
  get remainingMs(): () => number {
    return () => Math.max(0, this.#deadlineAt - this.#now())
  }

  get reportPartial(): (output: unknown) => void {
    return (output) => {
      this.#partial = typeof output === 'function' ? (output as Partial) : () => output
    }
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }

  /** Gives the context the callback of its function, so that a lost error can still fail the call. */
  own(callback: NodeCallback): void {
    this.#callback = callback
  }

  /** Fails the call, unless it has ended. */
  fail(error: unknown): void {
    this.#callback?.(error || new Error('The function lost an error without a value.'))
  }
}
