export type { HookFunction, HookOptions, RecordHookOptions } from './build-hook.ts'
export type { CallReport, RecordCounts } from './call-report.ts'
export type { UncaughtErrorSource } from './contain-uncaught-errors.ts'
export { containUncaughtErrors } from './contain-uncaught-errors.ts'
export type { ExtensionConfiguration, ExtensionModule } from './define-extension.ts'
export { defineExtension } from './define-extension.ts'
export type { PageHook, WholeHook } from './hook-builders.ts'
export {
  changeEdition,
  exportPages,
  formInit,
  importPage,
  initChild,
  ping,
  postAggregate,
  postMap,
  postResponseMap,
  postSubmit,
  preMap,
  preSave,
  preSavePage,
  step,
  update,
} from './hook-builders.ts'
export type { HookCall } from './hook-call.ts'
export type { HookContext, RecordContext } from './hook-context.ts'
export { currentHookContext } from './hook-context.ts'
export type { TaggedHook } from './hook-definition.ts'
export type { HookError } from './hook-error.ts'
export type { HookHost, HookHostStats } from './hook-host.ts'
export { createHookHost } from './hook-host.ts'
export type { HookHostOptions } from './hook-host-options.ts'
export type {
  ChangeEditionInput,
  CommonInput,
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
  RetryEntry,
  StepInput,
  SubmitResponse,
  UpdateInput,
  WrapperConnection,
} from './hook-inputs.ts'
export type { HookKind, PageHookKind } from './hook-kind.ts'
export type { HookLogger } from './hook-logger.ts'
export type {
  ChildIntegration,
  ExportOutput,
  Form,
  ImportResult,
  MapResult,
  PingOutput,
  PreSavePageOutput,
} from './hook-outputs.ts'
export type { HookAnswer, HookResult, InvokeOptions } from './hook-result.ts'
export type { RecordModeOptions } from './record-mode.ts'
export type { FailedRecord, KeptRecord, RecordOutcome, SkippedRecord } from './record-outcome.ts'
export { fail, keep, skip } from './record-outcome.ts'
export type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts'
