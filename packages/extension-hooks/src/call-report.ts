import type { HookCall } from './hook-call.ts'
import type { HookKind } from './hook-kind.ts'

/** What the host says about one call, for logs and metrics. Holds counts, sizes and ids; never a record, a token or a message. */
export interface CallReport {
  readonly event: 'hook-call'
  /** 200, or what the caller was told: 400, 422, 503. */
  status: number
  /** The code of the first error. */
  code?: string
  function?: string
  type?: string
  kind?: HookKind
  connectorId?: string
  integrationId?: string
  flowId?: string
  exportId?: string
  importId?: string
  connectionId?: string
  requestId?: string
  traceId?: string
  traceparent?: string
  /** The deadline passed, and the answer is what the function had left or finished within its grace. */
  overtime?: true
  /** Where the time went, in milliseconds. */
  queueMs: number
  parseMs: number
  runMs: number
  checkMs: number
  encodeMs: number
  bytesIn?: number
  bytesOut: number
  records?: RecordCounts
}

/** What became of the records of a page. */
export interface RecordCounts {
  in: number
  kept: number
  skipped: number
  failed: number
}

const MAX_ID_LENGTH = 128

/** Starts the report of a call with every id that it names. Never throws. */
export function startReport(call: HookCall): CallReport {
  const report: CallReport = {
    event: 'hook-call',
    status: 200,
    queueMs: 0,
    parseMs: 0,
    runMs: 0,
    checkMs: 0,
    encodeMs: 0,
    bytesOut: 0,
  }
  try {
    setIds(report, call)
  } catch {
    // A member of the call throws when it is read. The report names what it could.
  }
  return report
}

function setIds(report: CallReport, call: HookCall): void {
  setId(report, 'function', call.function)
  setId(report, 'type', call.type)
  setId(report, 'connectorId', call._connectorId)
  setId(report, 'requestId', call._reqId)
  setId(report, 'traceId', call.traceId)
  if (typeof call.options !== 'object' || call.options === null) return
  const options = call.options as Readonly<Record<string, unknown>>
  setId(report, 'integrationId', options._integrationId)
  setId(report, 'flowId', options._flowId)
  setId(report, 'exportId', options._exportId)
  setId(report, 'importId', options._importId)
  const connection = options.connection as { readonly _id?: unknown } | null | undefined
  setId(report, 'connectionId', options._connectionId ?? connection?._id)
}

type IdMember =
  | 'function'
  | 'type'
  | 'connectorId'
  | 'integrationId'
  | 'flowId'
  | 'exportId'
  | 'importId'
  | 'connectionId'
  | 'requestId'
  | 'traceId'
  | 'traceparent'

/** Ids come from outside: only short texts are taken. */
export function setId(report: CallReport, member: IdMember, value: unknown): void {
  if (typeof value === 'string' && value !== '')
    report[member] = value.length > MAX_ID_LENGTH ? value.slice(0, MAX_ID_LENGTH) : value
}

/** Counts what became of the records of a checked page. */
export function countRecords(
  kind: HookKind,
  records: readonly unknown[],
  output: unknown,
): RecordCounts {
  const counts = { in: records.length, kept: 0, skipped: 0, failed: 0 }
  if (kind === 'preSavePage') {
    const { data, newErrorsAndRetryData } = output as {
      data: unknown[]
      newErrorsAndRetryData?: unknown[] | null
    }
    counts.kept = data.length
    counts.failed = newErrorsAndRetryData?.length ?? 0
    counts.skipped = Math.max(0, counts.in - counts.kept - counts.failed)
    return counts
  }
  for (const element of output as (Record<string, unknown> | null)[]) counts[judge(kind, element)]++
  return counts
}

function judge(
  kind: HookKind,
  element: Record<string, unknown> | null,
): 'kept' | 'skipped' | 'failed' {
  if (kind === 'postResponseMap') return 'kept'
  if (kind === 'preMap' || kind === 'postMap') {
    if (element?.data !== undefined) return 'kept'
    return Array.isArray(element?.errors) && element.errors.length > 0 ? 'failed' : 'skipped'
  }
  if (element?.ignored === true) return 'skipped'
  return element?.statusCode === 200 ? 'kept' : 'failed'
}
