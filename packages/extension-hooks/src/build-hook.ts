import type { HookContext } from './hook-context.ts'
import { type HookDefinition, type TaggedHook, tagHook } from './hook-definition.ts'
import { atLeast, MAX_TIMER_MS } from './hook-host-options.ts'
import type { HookKind, PageHookKind } from './hook-kind.ts'
import { type RecordModeOptions, runRecords } from './record-mode.ts'

/** The function itself: gets the platform's input, returns or promises its output. A throw fails the call. */
export type HookFunction<TInput, TOutput> = (
  input: TInput,
  context: HookContext,
) => TOutput | PromiseLike<TOutput>

/** The function with options of its own. */
export interface HookOptions<TInput, TOutput> {
  handle: HookFunction<TInput, TOutput>
  /** Replaces the host's time limit for this function, in milliseconds. */
  timeoutMs?: number | undefined
}

/** A page function that runs one record at a time. */
export interface RecordHookOptions<TRecord, TOutput, TInput>
  extends RecordModeOptions<TRecord, TOutput, TInput> {
  /** Replaces the host's time limit for the whole page, in milliseconds. */
  timeoutMs?: number | undefined
}

const pageKinds: readonly HookKind[] = [
  'preSavePage',
  'preMap',
  'postMap',
  'postSubmit',
  'postResponseMap',
  'import',
]

type AnyHook = {
  handle?: HookFunction<never, unknown>
  each?: unknown
  record?: unknown
  concurrency?: unknown
  timeoutMs?: number | undefined
}

/** Makes a tagged function of whatever its author wrote. @throws {TypeError} when that cannot work; the message names it */
export function buildHook<TKind extends HookKind, TInput, TOutput>(
  kind: TKind,
  hook: unknown,
): TaggedHook<TKind, TInput, TOutput> {
  const options: AnyHook =
    typeof hook === 'function'
      ? { handle: hook as HookFunction<never, unknown> }
      : (hook as AnyHook)
  validate(kind, options)
  const { handle, timeoutMs } = options
  const run: HookDefinition['run'] =
    handle === undefined
      ? (self, input, context) =>
          runRecords(
            kind as PageHookKind,
            options as RecordModeOptions<never, unknown, never>,
            self,
            input,
            context,
          )
      : (self, input, context) => handle.call(self, input, context)
  return tagHook({ kind, timeoutMs, run })
}

function validate(kind: HookKind, options: AnyHook): void {
  const ways = pageKinds.includes(kind)
    ? 'a function, { handle } or { each }'
    : 'a function or { handle }'
  const refuse = (what: string): never => {
    throw new TypeError(`${kind} needs ${ways}; ${what}`)
  }
  if (typeof options !== 'object' || options === null)
    refuse(`received ${options === null ? 'null' : typeof options}`)
  const { handle, each, record, concurrency, timeoutMs } = options
  if (handle !== undefined && each !== undefined)
    refuse('received both handle and each: keep one of them')
  if (handle === undefined && (each === undefined || !pageKinds.includes(kind)))
    refuse('received an object without them')
  if (typeof (handle ?? each) !== 'function')
    refuse(`received ${typeof (handle ?? each)} instead of a function`)
  if (record !== undefined && each === undefined)
    refuse('the option record checks single records, so it needs each')
  if (
    record !== undefined &&
    typeof (record as Record<string, { validate?: unknown }>)['~standard']?.validate !== 'function'
  ) {
    throw new TypeError(
      `${kind}: the option record must be a Standard Schema (zod, valibot, arktype …)`,
    )
  }
  if (
    concurrency !== undefined &&
    !(Number.isInteger(concurrency) && (concurrency as number) > 0)
  ) {
    throw new TypeError(
      `${kind}: the option concurrency must be a positive integer; received ${String(concurrency)}`,
    )
  }
  if (timeoutMs !== undefined) atLeast(`${kind}: the option timeoutMs`, timeoutMs, 1, MAX_TIMER_MS)
}
