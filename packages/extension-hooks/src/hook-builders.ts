import type { HookContext } from './hook-context.ts'
import { type HookDefinition, type TaggedHook, tagHook } from './hook-definition.ts'
import { atLeast, MAX_TIMER_MS } from './hook-host-options.ts'
import type {
  ChangeEditionInput,
  ExportInput,
  FormInitInput,
  ImportInput,
  InitChildInput,
  PingInput,
  PlatformObject,
  PostAggregateInput,
  PostMapInput,
  PostResponseMapInput,
  PostSubmitInput,
  PreMapInput,
  PreSaveInput,
  PreSavePageInput,
  StepInput,
  SubmitResponse,
  UpdateInput,
} from './hook-inputs.ts'
import type { HookKind, PageHookKind } from './hook-kind.ts'
import type {
  ChildIntegration,
  ExportOutput,
  Form,
  ImportResult,
  MapResult,
  PingOutput,
  PreSavePageOutput,
} from './hook-outputs.ts'
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

type Page<TInput, TOutput, TRecord, TResult> =
  | HookFunction<TInput, TOutput>
  | HookOptions<TInput, TOutput>
  | RecordHookOptions<TRecord, TResult, TInput>
type Whole<TInput, TOutput> = HookFunction<TInput, TOutput> | HookOptions<TInput, TOutput>

/**
 * Before a page of an export is saved. The page may grow or shrink. With `each`, a failed record leaves the
 * page and waits for its retry.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function preSavePage<TRecord = unknown, TResult = TRecord>(
  hook: Page<PreSavePageInput<TRecord>, PreSavePageOutput<TResult>, TRecord, TResult>,
): TaggedHook<'preSavePage', PreSavePageInput<TRecord>, PreSavePageOutput<TResult>> {
  return build('preSavePage', hook)
}

/**
 * Before the mapping of an import: one element a record, `{ data }`, `{ errors }`, both, or `{}` to skip.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function preMap<TRecord = unknown, TResult = unknown>(
  hook: Page<PreMapInput<TRecord>, MapResult<TResult>[], TRecord, TResult>,
): TaggedHook<'preMap', PreMapInput<TRecord>, MapResult<TResult>[]> {
  return build('preMap', hook)
}

/**
 * After the mapping of an import; answers like {@link preMap}, one element for every element of `postMapData`.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function postMap<TRecord = unknown, TResult = unknown>(
  hook: Page<PostMapInput<TRecord>, MapResult<TResult>[], TRecord, TResult>,
): TaggedHook<'postMap', PostMapInput<TRecord>, MapResult<TResult>[]> {
  return build('postMap', hook)
}

/**
 * After the submission of an import: returns `responseData`, of the same length. With `each`, a failed record
 * becomes a data error (422) and a skipped one keeps the answer it had.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function postSubmit(
  hook: Page<PostSubmitInput, SubmitResponse[], SubmitResponse, SubmitResponse>,
): TaggedHook<'postSubmit', PostSubmitInput, SubmitResponse[]> {
  return build('postSubmit', hook)
}

/**
 * After response mapping: returns `postResponseMapData`, of the same length. The wire has no place for the
 * error of one record here, so with `each` a failed record fails the page, with one error a record.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function postResponseMap<TRecord = unknown, TResult = unknown>(
  hook: Page<PostResponseMapInput<TRecord>, TResult[], TRecord, TResult>,
): TaggedHook<'postResponseMap', PostResponseMapInput<TRecord>, TResult[]> {
  return build('postResponseMap', hook)
}

/** After an aggregated transfer. Nothing is expected back. @throws {TypeError} when the hook is not a function or options with `handle` */
export function postAggregate(
  hook: Whole<PostAggregateInput, void>,
): TaggedHook<'postAggregate', PostAggregateInput, void> {
  return build('postAggregate', hook)
}

/** Before a settings form is shown: returns the form. @throws {TypeError} when the hook is not a function or options with `handle` */
export function formInit(
  hook: Whole<FormInitInput, Form>,
): TaggedHook<'formInit', FormInitInput, Form> {
  return build('formInit', hook)
}

/** Before a resource is saved: returns the resource to save. @throws {TypeError} when the hook is not a function or options with `handle` */
export function preSave(
  hook: Whole<PreSaveInput, PlatformObject>,
): TaggedHook<'preSave', PreSaveInput, PlatformObject> {
  return build('preSave', hook)
}

/** One step of an installation or removal. Nothing is expected back. @throws {TypeError} when the hook is not a function or options with `handle` */
export function step(hook: Whole<StepInput, void>): TaggedHook<'step', StepInput, void> {
  return build('step', hook)
}

/** Makes a child integration: returns it. @throws {TypeError} when the hook is not a function or options with `handle` */
export function initChild(
  hook: Whole<InitChildInput, ChildIntegration>,
): TaggedHook<'initChild', InitChildInput, ChildIntegration> {
  return build('initChild', hook)
}

/** Updates an installed integration. Nothing is expected back. @throws {TypeError} when the hook is not a function or options with `handle` */
export function update(hook: Whole<UpdateInput, void>): TaggedHook<'update', UpdateInput, void> {
  return build('update', hook)
}

/** Reacts to a licence that changed its edition. Nothing is expected back. @throws {TypeError} when the hook is not a function or options with `handle` */
export function changeEdition(
  hook: Whole<ChangeEditionInput, void>,
): TaggedHook<'changeEdition', ChangeEditionInput, void> {
  return build('changeEdition', hook)
}

/** Tries a connection: 200, or 401 with errors. @throws {TypeError} when the hook is not a function or options with `handle` */
export function ping(
  hook: Whole<PingInput, PingOutput>,
): TaggedHook<'ping', PingInput, PingOutput> {
  return build('ping', hook)
}

/**
 * One page of an export (`export` is a reserved word). The platform calls again with the returned `state`
 * until `lastPage`.
 * @throws {TypeError} when the hook is not a function or options with `handle`
 */
export function exportPages<TRecord = unknown, TState = unknown>(
  hook: Whole<ExportInput<TState>, ExportOutput<TRecord, TState>>,
): TaggedHook<'export', ExportInput<TState>, ExportOutput<TRecord, TState>> {
  return build('export', hook)
}

/**
 * Imports a page (`import` is a reserved word): one result for every element of `postMapData`. With `each`, a
 * failed record answers 422, or 401 when an `AuthError` was thrown.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function importPage<TRecord = unknown>(
  hook: Page<ImportInput<TRecord>, ImportResult[], TRecord, ImportResult>,
): TaggedHook<'import', ImportInput<TRecord>, ImportResult[]> {
  return build('import', hook)
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

function build<TKind extends HookKind, TInput, TOutput>(
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
