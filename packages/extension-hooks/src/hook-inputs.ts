import type { HookError } from './hook-error.ts'

/** Any plain JSON object of the platform whose members this package does not judge. */
export type PlatformObject = Readonly<Record<string, unknown>>

/** What every function receives. Identifiers are absent when the platform has none to give. */
export interface CommonInput {
  /** One-time token for selected routes of the platform's own API. Never log it. */
  bearerToken?: string
  _integrationId?: string
  _parentIntegrationId?: string
  _flowId?: string
  _connectionId?: string
  _exportId?: string
  _importId?: string
  _apiId?: string
  /** All custom settings in scope. */
  settings?: PlatformObject
  testMode?: boolean
  job?: PlatformObject
}

/** Where a failed record waits for its retry. */
export interface RetryEntry<TRecord = unknown> {
  data: TRecord
  stage?: string
  traceKey?: string
}

/** One page of an export, before it is saved. */
export interface PreSavePageInput<TRecord = unknown> extends CommonInput {
  data: TRecord[]
  errors?: HookError[]
  /** File exports only, parallel to `data`. */
  files?: PlatformObject[]
  retryData?: Record<string, RetryEntry<TRecord>>
  /** Counts from 0. */
  pageIndex?: number
  /** Delta exports only. An ISO 8601 string on the wire, a `Date` here. */
  lastExportDateTime?: Date
  currentExportDateTime?: Date
}

/** A page of records before the mapping. */
export interface PreMapInput<TRecord = unknown> extends CommonInput {
  data: TRecord[]
}

/** The same page before and after the mapping. */
export interface PostMapInput<TRecord = unknown> extends CommonInput {
  preMapData: unknown[]
  postMapData: TRecord[]
}

/** What the import application said about one record. */
export interface SubmitResponse {
  /** 200 success, 422 data error, 403 (older platforms: 401) the connection went offline. */
  statusCode: number
  errors?: HookError[]
  /** True when the record was filtered or skipped. */
  ignored?: boolean
  id?: string
  /** The whole answer of the import application. */
  _json?: unknown
  /** Where the data can be seen; for failed records only. */
  dataURI?: string
}

/** A page after its submission. */
export interface PostSubmitInput extends CommonInput {
  preMapData: unknown[]
  postMapData: unknown[]
  responseData: SubmitResponse[]
}

/** A page after response mapping. */
export interface PostResponseMapInput<TRecord = unknown> extends CommonInput {
  postResponseMapData: TRecord[]
  /** `data` for exports; `id`, `_json` and `dataURI` for imports. */
  responseData: (SubmitResponse & { data?: unknown[] })[]
  oneToMany?: boolean
  pathToMany?: string
}

/** The result of an aggregated transfer. */
export interface PostAggregateInput extends CommonInput {
  postAggregateData: {
    success: boolean
    _json?: unknown
    code?: string
    message?: string
    source?: string
  }
}

/** A settings form about to be shown. */
export interface FormInitInput extends CommonInput {
  resource: PlatformObject
  parentResource?: PlatformObject
  grandparentResource?: PlatformObject
  license?: PlatformObject
  parentLicense?: PlatformObject
}

/** A resource about to be saved. */
export interface PreSaveInput extends CommonInput {
  newResource: PlatformObject
  oldResource?: PlatformObject
}

/** One step of an installation or removal. */
export interface StepInput extends CommonInput {
  /** Form steps only. */
  formSubmission?: PlatformObject
  resource?: PlatformObject
  parentResource?: PlatformObject
  license?: PlatformObject
  parentLicense?: PlatformObject
}

/** A child integration about to be made. */
export interface InitChildInput extends CommonInput {
  parentIntegration: PlatformObject
  parentLicense?: PlatformObject
}

/** An installed integration about to be updated. */
export interface UpdateInput extends CommonInput {
  resource: PlatformObject
  license?: PlatformObject
}

/** A licence that changed its edition. */
export interface ChangeEditionInput extends CommonInput {
  fromEdition: string
  toEdition: string
  integration: PlatformObject
  license?: PlatformObject
}

/** A wrapper connection as it was saved. `encrypted` holds credentials. Never log it. */
export interface WrapperConnection {
  _id?: string
  encrypted?: PlatformObject
  unencrypted?: PlatformObject
}

/** A connection to be tried. */
export interface PingInput extends CommonInput {
  connection: WrapperConnection
}

/** One turn of the paging loop of an export. */
export interface ExportInput<TState = unknown> extends CommonInput {
  connection: WrapperConnection
  /** Absent or `all`: everything. */
  type?: 'all' | 'delta' | 'once' | 'test'
  /** `lastExecutionTime` is in milliseconds since 1970. */
  delta?: { dateField?: string; lastExecutionTime: number }
  once?: { booleanField: string }
  test?: { limit: number }
  /** What the turn before returned as `state`, verbatim. Absent in the first turn. */
  state?: TState
  /** Lookups only: the data to look up with. */
  data?: unknown
  configuration?: PlatformObject
}

/** A page to be imported. */
export interface ImportInput<TRecord = unknown> extends CommonInput {
  connection: WrapperConnection
  preMapData: unknown[]
  postMapData: TRecord[]
  configuration?: PlatformObject
}
