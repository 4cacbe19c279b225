import type { HookError } from './hook-error.ts'
import type { PlatformObject } from './hook-inputs.ts'

/** What becomes of the page. */
export interface PreSavePageOutput<TRecord = unknown> {
  /** May be longer or shorter than the input. */
  data: TRecord[]
  errors?: HookError[]
  /** Stops the paging of the export, not the flow. */
  abort?: boolean
  /** New errors, each with the record to retry. */
  newErrorsAndRetryData?: { retryData: unknown; errors: HookError[] }[]
}

/** `{}` skips the record; `data` and `errors` together process it and log the errors. */
export interface MapResult<TRecord = unknown> {
  data?: TRecord
  errors?: HookError[]
}

/** What `formInit` answers: the form to show. */
export type Form = PlatformObject

/** A child integration to be made. */
export interface ChildIntegration {
  name?: string
  installSteps?: unknown[]
  [member: string]: unknown
}

/** Whether the connection works. 401 needs at least one error. */
export type PingOutput =
  | { statusCode: 200; errors?: HookError[] }
  | { statusCode: 401; errors: HookError[] }

/** One page of an export. The platform calls again with `state` until `lastPage`. */
export interface ExportOutput<TRecord = unknown, TState = unknown> {
  data: TRecord[]
  errors?: HookError[]
  lastPage?: boolean
  state?: TState
  /** Makes the connection offline and stops the export. */
  connectionOffline?: boolean
}

/** What became of one record. `errors` with 200 means partial success. */
export interface ImportResult {
  /** 200 imported, 401 the connection does not work, 422 any other failure. */
  statusCode: 200 | 401 | 422
  id?: string
  ignored?: boolean
  errors?: HookError[]
}
