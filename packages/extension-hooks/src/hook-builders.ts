import {
  buildHook,
  type HookFunction,
  type HookOptions,
  type RecordHookOptions,
} from './build-hook.ts'
import type { TaggedHook } from './hook-definition.ts'
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
import type {
  ChildIntegration,
  ExportOutput,
  Form,
  ImportResult,
  MapResult,
  PingOutput,
  PreSavePageOutput,
} from './hook-outputs.ts'

/** What a builder of a page function takes: the function, it with options, or `each`, which decides about one record. */
export type PageHook<TInput, TOutput, TRecord, TResult> =
  | HookFunction<TInput, TOutput>
  | HookOptions<TInput, TOutput>
  | RecordHookOptions<TRecord, TResult, TInput>
/** What every other builder takes: the function, or it with options. */
export type WholeHook<TInput, TOutput> =
  | HookFunction<TInput, TOutput>
  | HookOptions<TInput, TOutput>

/**
 * Before a page of an export is saved. The page may grow or shrink. With `each`, a failed record leaves the
 * page and waits for its retry.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function preSavePage<TRecord = unknown, TResult = TRecord>(
  hook: PageHook<PreSavePageInput<TRecord>, PreSavePageOutput<TResult>, TRecord, TResult>,
): TaggedHook<'preSavePage', PreSavePageInput<TRecord>, PreSavePageOutput<TResult>> {
  return buildHook('preSavePage', hook)
}

/**
 * Before the mapping of an import: one element a record, `{ data }`, `{ errors }`, both, or `{}` to skip.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function preMap<TRecord = unknown, TResult = unknown>(
  hook: PageHook<PreMapInput<TRecord>, MapResult<TResult>[], TRecord, TResult>,
): TaggedHook<'preMap', PreMapInput<TRecord>, MapResult<TResult>[]> {
  return buildHook('preMap', hook)
}

/**
 * After the mapping of an import; answers like {@link preMap}, one element for every element of `postMapData`.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function postMap<TRecord = unknown, TResult = unknown>(
  hook: PageHook<PostMapInput<TRecord>, MapResult<TResult>[], TRecord, TResult>,
): TaggedHook<'postMap', PostMapInput<TRecord>, MapResult<TResult>[]> {
  return buildHook('postMap', hook)
}

/**
 * After the submission of an import: returns `responseData`, of the same length. With `each`, a failed record
 * becomes a data error (422) and a skipped one keeps the answer it had.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function postSubmit(
  hook: PageHook<PostSubmitInput, SubmitResponse[], SubmitResponse, SubmitResponse>,
): TaggedHook<'postSubmit', PostSubmitInput, SubmitResponse[]> {
  return buildHook('postSubmit', hook)
}

/**
 * After response mapping: returns `postResponseMapData`, of the same length. The wire has no place for the
 * error of one record here, so with `each` a failed record fails the page, with one error a record.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function postResponseMap<TRecord = unknown, TResult = unknown>(
  hook: PageHook<PostResponseMapInput<TRecord>, TResult[], TRecord, TResult>,
): TaggedHook<'postResponseMap', PostResponseMapInput<TRecord>, TResult[]> {
  return buildHook('postResponseMap', hook)
}

/** After an aggregated transfer. Nothing is expected back. @throws {TypeError} when the hook is not a function or options with `handle` */
export function postAggregate(
  hook: WholeHook<PostAggregateInput, void>,
): TaggedHook<'postAggregate', PostAggregateInput, void> {
  return buildHook('postAggregate', hook)
}

/** Before a settings form is shown: returns the form. @throws {TypeError} when the hook is not a function or options with `handle` */
export function formInit(
  hook: WholeHook<FormInitInput, Form>,
): TaggedHook<'formInit', FormInitInput, Form> {
  return buildHook('formInit', hook)
}

/** Before a resource is saved: returns the resource to save. @throws {TypeError} when the hook is not a function or options with `handle` */
export function preSave(
  hook: WholeHook<PreSaveInput, PlatformObject>,
): TaggedHook<'preSave', PreSaveInput, PlatformObject> {
  return buildHook('preSave', hook)
}

/** One step of an installation or removal. Nothing is expected back. @throws {TypeError} when the hook is not a function or options with `handle` */
export function step(hook: WholeHook<StepInput, void>): TaggedHook<'step', StepInput, void> {
  return buildHook('step', hook)
}

/** Makes a child integration: returns it. @throws {TypeError} when the hook is not a function or options with `handle` */
export function initChild(
  hook: WholeHook<InitChildInput, ChildIntegration>,
): TaggedHook<'initChild', InitChildInput, ChildIntegration> {
  return buildHook('initChild', hook)
}

/** Updates an installed integration. Nothing is expected back. @throws {TypeError} when the hook is not a function or options with `handle` */
export function update(
  hook: WholeHook<UpdateInput, void>,
): TaggedHook<'update', UpdateInput, void> {
  return buildHook('update', hook)
}

/** Reacts to a licence that changed its edition. Nothing is expected back. @throws {TypeError} when the hook is not a function or options with `handle` */
export function changeEdition(
  hook: WholeHook<ChangeEditionInput, void>,
): TaggedHook<'changeEdition', ChangeEditionInput, void> {
  return buildHook('changeEdition', hook)
}

/** Tries a connection: 200, or 401 with errors. @throws {TypeError} when the hook is not a function or options with `handle` */
export function ping(
  hook: WholeHook<PingInput, PingOutput>,
): TaggedHook<'ping', PingInput, PingOutput> {
  return buildHook('ping', hook)
}

/**
 * One page of an export (`export` is a reserved word). The platform calls again with the returned `state`
 * until `lastPage`.
 * @throws {TypeError} when the hook is not a function or options with `handle`
 */
export function exportPages<TRecord = unknown, TState = unknown>(
  hook: WholeHook<ExportInput<TState>, ExportOutput<TRecord, TState>>,
): TaggedHook<'export', ExportInput<TState>, ExportOutput<TRecord, TState>> {
  return buildHook('export', hook)
}

/**
 * Imports a page (`import` is a reserved word): one result for every element of `postMapData`. With `each`, a
 * failed record answers 422, or 401 when an `AuthError` was thrown.
 * @throws {TypeError} when the hook is neither a function nor options with `handle` or `each`
 */
export function importPage<TRecord = unknown>(
  hook: PageHook<ImportInput<TRecord>, ImportResult[], TRecord, ImportResult>,
): TaggedHook<'import', ImportInput<TRecord>, ImportResult[]> {
  return buildHook('import', hook)
}
