import type { CallContext } from './call-context.ts'
import type { HookContext, RecordContext } from './hook-context.ts'
import { checkKeptRecord } from './hook-invariants.ts'
import type { PageHookKind } from './hook-kind.ts'
import { type PageInput, pagePlans } from './page-plans.ts'
import { findOffence } from './plain-json.ts'
import { fail, type KeptRecord, type RecordOutcome } from './record-outcome.ts'
import { describeIssues, type StandardSchema } from './standard-schema.ts'

/** How a page is run one record at a time. */
export interface RecordModeOptions<TRecord, TOutput, TInput> {
  /** Decides about one record. A throw fails this record only. */
  each: (
    record: TRecord,
    context: RecordContext<TInput>,
  ) => RecordOutcome<TOutput> | PromiseLike<RecordOutcome<TOutput>>
  /** Checks every record first; `each` gets what the schema returns, and a refused record fails alone. */
  record?: StandardSchema<unknown, TRecord> | undefined
  /** How many records are in the air at once. Default 1: strictly one after the other. */
  concurrency?: number | undefined
}

type AnyRecordMode = RecordModeOptions<never, unknown, never>

/** Code of the error that a record gets when the deadline passed before its turn. */
export const UNFINISHED_CODE = 'function_timeout'

/** Runs `each` over a page: order and length are the page's, whatever `each` does. */
export function runRecords(
  kind: PageHookKind,
  mode: AnyRecordMode,
  self: unknown,
  input: PageInput,
  context: HookContext,
): unknown {
  const plan = pagePlans[kind]
  const records = input[plan.member] as readonly unknown[]
  const outcomes: (RecordOutcome | undefined)[] = new Array(records.length).fill(undefined)
  const finish = () =>
    plan.assemble(
      records,
      outcomes.map((outcome) => outcome ?? unfinished()),
      input,
    )
  context.reportPartial(finish)
  const page = pageContext(context)
  const lossy = (context as Partial<CallContext>).lossy === true
  const require: Require = (value, index) => requireOutcome(value, { kind, index, lossy })

  let next = 0
  const lane = async () => {
    while (next < records.length && !context.signal.aborted && context.remainingMs() > 0) {
      const index = next++
      const outcome = runRecord(mode, self, records[index], { ...page, index, input }, require)
      outcomes[index] = outcome instanceof Promise ? await outcome : outcome
    }
  }
  const lanes = Math.min(mode.concurrency ?? 1, records.length)
  const running = Array.from({ length: lanes }, lane)
  return next >= records.length && !outcomes.includes(undefined)
    ? finish()
    : Promise.all(running).then(finish)
}

function runRecord(
  mode: AnyRecordMode,
  self: unknown,
  record: unknown,
  context: RecordContext,
  require: Require,
): RecordOutcome | Promise<RecordOutcome> {
  const judge = (thrown: unknown) => (isAbort(thrown, context.signal) ? unfinished() : fail(thrown))
  try {
    const checked =
      mode.record === undefined ? { value: record } : mode.record['~standard'].validate(record)
    const outcome =
      checked instanceof Promise
        ? checked.then((result) => runChecked(mode, self, result, context))
        : runChecked(mode, self, checked, context)
    return isThenable(outcome)
      ? Promise.resolve(outcome)
          .then((value) => require(value, context.index))
          .catch(judge)
      : require(outcome, context.index)
  } catch (thrown) {
    return judge(thrown)
  }
}

function runChecked(
  mode: AnyRecordMode,
  self: unknown,
  checked: {
    readonly value?: unknown
    readonly issues?: readonly { message: string }[] | undefined
  },
  context: RecordContext,
): unknown {
  if (checked.issues !== undefined) {
    return fail({
      code: 'invalid_record',
      message: `Record ${context.index} is invalid: ${describeIssues(checked.issues)}`,
    })
  }
  return mode.each.call(self, checked.value as never, context as never)
}

/** Makes sure that `each` returned an outcome, and one that would not fail its neighbours with it. */
type Require = (value: unknown, index: number) => RecordOutcome

function requireOutcome(
  value: unknown,
  { kind, index, lossy }: { kind: PageHookKind; index: number; lossy: boolean },
): RecordOutcome {
  const outcome = (value as { outcome?: unknown } | null | undefined)?.outcome
  if (outcome === 'skip' || outcome === 'fail') return value as RecordOutcome
  if (outcome !== 'keep') {
    const received = value === null ? 'null' : typeof value
    return refuse(`each returned ${received}; return keep(record), skip() or fail(error)`)
  }
  const kept = value as KeptRecord
  const offence = findOffence(kept.data, { lossy })
  if (offence !== undefined)
    return refuse(`Record ${index} kept what is not plain JSON: ${offence.path} ${offence.reason}`)
  const problem = checkKeptRecord(kind, kept.data, index)
  return problem === undefined ? kept : refuse(problem)
}

function refuse(message: string): RecordOutcome {
  return { outcome: 'fail', errors: [{ code: 'invalid_hook_response', message }] }
}

function unfinished(): RecordOutcome {
  return {
    outcome: 'fail',
    errors: [
      {
        code: UNFINISHED_CODE,
        message: 'The time limit passed before this record was finished.',
        kind: 'transient',
      },
    ],
  }
}

function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  return (
    signal.aborted &&
    (thrown === signal.reason || (thrown as { name?: unknown } | null)?.name === 'AbortError')
  )
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** What `each` may see of the call, read once a page. */
function pageContext(context: HookContext): Omit<RecordContext, 'index' | 'input'> {
  const { functionName, kind, requestId, traceId, traceparent, signal, remainingMs } = context
  return { functionName, kind, requestId, traceId, traceparent, signal, remainingMs }
}
