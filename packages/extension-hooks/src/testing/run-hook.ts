import type { CallReport } from '../call-report.ts'
import type { TaggedHook } from '../hook-definition.ts'
import type { HookError } from '../hook-error.ts'
import { createHookHost } from '../hook-host.ts'
import type { HookHostOptions } from '../hook-host-options.ts'
import type { HookKind } from '../hook-kind.ts'
import type { InvokeOptions } from '../hook-result.ts'

/** How one run ended, with everything the platform would have seen. */
export type HookRun<TOutput> =
  | {
      readonly ok: true
      readonly value: TOutput
      readonly json: string
      readonly report: CallReport
    }
  | { readonly ok: false; readonly errors: readonly HookError[]; readonly report: CallReport }

/** An untagged function: with a callback, or with a promise. */
export type LegacyHook<TOutput> = (
  options: never,
  callback: (error?: unknown, result?: TOutput) => void,
) => unknown

/** Options of the host and of the call. */
export interface RunHookOptions
  extends Omit<HookHostOptions, 'concurrency' | 'maxQueued' | 'maxWaitMs'>,
    Pick<InvokeOptions, 'signal'> {
  /** `this` of the function. Default: the object that holds it. */
  self?: object | undefined
}

/**
 * Runs one function as a host does: the input goes through JSON, as on the wire, and the output through every
 * check. Never rejects for what the function does wrong.
 */
export async function runHook<TInput, TOutput>(
  hook: TaggedHook<HookKind, TInput, TOutput> | LegacyHook<TOutput>,
  input: TInput,
  options: RunHookOptions = {},
): Promise<HookRun<TOutput>> {
  const { self, signal, ...hostOptions } = options
  const host = createHookHost(
    { diy: self === undefined ? { hook } : withHook(self, hook) },
    hostOptions,
  )
  const wired: unknown = JSON.parse(JSON.stringify(input))
  const result = await host.invoke({ diy: true, function: 'hook', options: wired }, { signal })
  return result.ok ? { ...result, value: result.value as TOutput } : result
}

/** The author's object with the function under a name of ours. */
function withHook(self: object, hook: unknown): object {
  return Object.create(self, { hook: { value: hook } }) as object
}
