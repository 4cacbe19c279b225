import type { HookError } from './hook-error.ts'
import type { PageHookKind } from './hook-kind.ts'
import type { RecordOutcome } from './record-outcome.ts'

/** How one page kind is cut into records and put together again. */
export interface PagePlan {
  /** The member of the input that holds the records. */
  readonly member: 'data' | 'postMapData' | 'responseData' | 'postResponseMapData'
  /** Puts the outcomes, one a record and in order, together as the platform reads them. */
  readonly assemble: (
    records: readonly unknown[],
    outcomes: readonly RecordOutcome[],
    input: PageInput,
  ) => unknown
}

export type PageInput = Readonly<Record<string, unknown>>

// In the global registry, so that a builder and its host may come from two installed copies.
const recordErrors = Symbol.for('mortise.record-errors')

/** Thrown by kinds that have no place for the error of one record on the wire: the page fails with all of them. */
class RecordsFailedError extends Error {
  readonly [recordErrors]: HookError[]
  constructor(errors: HookError[]) {
    super('Some records failed.')
    this.name = 'RecordsFailedError'
    this[recordErrors] = errors
  }
}

/** The errors of the records that failed a page; `undefined` for every other failure. Never throws. */
export function recordErrorsOf(thrown: unknown): HookError[] | undefined {
  try {
    return (thrown as { [recordErrors]?: HookError[] })[recordErrors]
  } catch {
    return undefined
  }
}

const mapPlan = (member: 'data' | 'postMapData'): PagePlan => ({
  member,
  assemble: (_records, outcomes) =>
    outcomes.map((outcome) => {
      if (outcome.outcome === 'skip') return {}
      if (outcome.outcome === 'fail') return { errors: outcome.errors }
      return outcome.errors === undefined
        ? { data: outcome.data }
        : { data: outcome.data, errors: outcome.errors }
    }),
})

/** One plan a page kind. */
export const pagePlans: Readonly<Record<PageHookKind, PagePlan>> = {
  preMap: mapPlan('data'),
  postMap: mapPlan('postMapData'),
  preSavePage: { member: 'data', assemble: assembleSavePage },
  postSubmit: {
    member: 'responseData',
    assemble: (records, outcomes) =>
      outcomes.map((outcome, index) => submitResponse(records[index], outcome)),
  },
  postResponseMap: { member: 'postResponseMapData', assemble: assembleResponseMap },
  import: { member: 'postMapData', assemble: (_records, outcomes) => outcomes.map(importResult) },
}

/** A failed record leaves the page and waits, with its errors, for a retry. */
function assembleSavePage(
  records: readonly unknown[],
  outcomes: readonly RecordOutcome[],
  input: PageInput,
): unknown {
  const data: unknown[] = []
  const newErrorsAndRetryData: { retryData: unknown; errors: readonly HookError[] }[] = []
  outcomes.forEach((outcome, index) => {
    if (outcome.outcome === 'keep') data.push(outcome.data)
    if (outcome.outcome !== 'skip' && outcome.errors !== undefined) {
      newErrorsAndRetryData.push({ retryData: records[index], errors: outcome.errors })
    }
  })
  return { data, errors: input.errors ?? [], abort: false, newErrorsAndRetryData }
}

/** A skipped record keeps the answer it had; a failed one becomes a data error, unless it already was worse. */
function submitResponse(record: unknown, outcome: RecordOutcome): unknown {
  if (outcome.outcome === 'skip') return record
  const response = (outcome.outcome === 'keep' ? outcome.data : record) as Record<string, unknown>
  if (outcome.errors === undefined) return response
  const before = Array.isArray(response.errors) ? (response.errors as unknown[]) : []
  const errors = [...before, ...outcome.errors]
  if (outcome.outcome === 'keep') return { ...response, errors }
  return {
    ...response,
    statusCode: response.statusCode === 200 ? 422 : response.statusCode,
    errors,
  }
}

function assembleResponseMap(
  records: readonly unknown[],
  outcomes: readonly RecordOutcome[],
): unknown {
  const errors = outcomes.flatMap((outcome, index) =>
    outcome.outcome === 'skip' || outcome.errors === undefined
      ? []
      : outcome.errors.map((error) => ({ ...error, message: `Record ${index}: ${error.message}` })),
  )
  if (errors.length > 0) throw new RecordsFailedError(errors)
  return outcomes.map((outcome, index) =>
    outcome.outcome === 'keep' ? outcome.data : records[index],
  )
}

function importResult(outcome: RecordOutcome): unknown {
  if (outcome.outcome === 'skip') return { statusCode: 200, ignored: true }
  if (outcome.outcome === 'fail') {
    return {
      statusCode: outcome.errors.some((error) => error.kind === 'auth') ? 401 : 422,
      errors: outcome.errors,
    }
  }
  if (outcome.errors === undefined) return outcome.data
  return { ...(outcome.data as object), errors: outcome.errors }
}
