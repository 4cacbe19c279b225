import type { HookKind } from './hook-kind.ts'
import { type PageInput, pagePlans } from './page-plans.ts'

/** Says what is wrong, and where; `undefined` when nothing is. */
type Check = (output: unknown, input: PageInput, kind: HookKind) => string | undefined

type JsonObject = Readonly<Record<string, unknown>>

const SUBMIT_STATUSES = [200, 401, 403, 422]
const IMPORT_STATUSES = [200, 401, 422]
const PING_STATUSES = [200, 401]

/**
 * The rules a tagged function's input and output obey, kind by kind. The platform reports a broken one as a
 * failed page without saying where; here the answer names the index and what was expected.
 */
const checks: Readonly<Record<HookKind, Check>> = {
  preSavePage: checkSavePage,
  preMap: elements(checkMapResult),
  postMap: elements(checkMapResult),
  postSubmit: elements((element, at) => checkStatus(element, at, SUBMIT_STATUSES)),
  postResponseMap: elements((element, at) =>
    element === undefined ? `has nothing ${at}; expected a record` : undefined,
  ),
  import: elements((element, at) => checkStatus(element, at, IMPORT_STATUSES)),
  export: checkExport,
  ping: checkPing,
  formInit: requireObject,
  preSave: requireObject,
  initChild: requireObject,
  postAggregate: () => undefined,
  step: () => undefined,
  update: () => undefined,
  changeEdition: () => undefined,
}

/** What breaks the contract in the platform's input of this kind, if anything. */
export function checkHookInput(kind: HookKind, input: unknown): string | undefined {
  if (!isObject(input)) return `${kind} needs options to be an object; received ${nameOf(input)}`
  const plan = kind in pagePlans ? pagePlans[kind as keyof typeof pagePlans] : undefined
  if (plan !== undefined && !Array.isArray(input[plan.member])) {
    return `${kind} needs options.${plan.member} to be an array; received ${nameOf(input[plan.member])}`
  }
  return undefined
}

/** What breaks the contract in the function's output, if anything. The text names the kind and the place. */
export function checkHookOutput(
  kind: HookKind,
  output: unknown,
  input: PageInput,
): string | undefined {
  const problem = checks[kind](output, input, kind)
  return problem === undefined ? undefined : `${kind} ${problem}`
}

/** What breaks the contract in one record that record mode kept, if anything: some kinds keep more than data. */
export function checkKeptRecord(
  kind: HookKind,
  element: unknown,
  index: number,
): string | undefined {
  const statuses = kind === 'postSubmit' ? SUBMIT_STATUSES : IMPORT_STATUSES
  if (kind !== 'postSubmit' && kind !== 'import') return undefined
  const problem = checkStatus(element, `at index ${index}`, statuses)
  return problem === undefined ? undefined : `${kind} ${problem}`
}

function elements(check: (element: unknown, at: string) => string | undefined): Check {
  return (output, input, kind) => {
    const { member } = pagePlans[kind as keyof typeof pagePlans]
    const expected = (input[member] as unknown[]).length
    if (!Array.isArray(output))
      return `returned ${nameOf(output)}; expected an array of ${expected}, one element a record`
    if (output.length !== expected) {
      const where =
        output.length < expected
          ? `first missing: index ${output.length}`
          : `first extra: index ${expected}`
      return `returned ${count(output.length, 'element')} for ${count(expected, 'record')} (${where})`
    }
    for (let index = 0; index < expected; index++) {
      const problem = check(output[index], `at index ${index}`)
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

function checkMapResult(element: unknown, at: string): string | undefined {
  if (!isObject(element))
    return `returned ${nameOf(element)} ${at}; expected { data }, { errors }, both or {}`
  for (const member in element) {
    if (member !== 'data' && member !== 'errors') {
      return `returned the member "${member.slice(0, 64)}" ${at}; only data and errors are read, so wrap the record as { data: record }`
    }
  }
  return checkErrors(element.errors, at)
}

function checkStatus(
  element: unknown,
  at: string,
  statuses: readonly number[],
): string | undefined {
  if (!isObject(element))
    return `returned ${nameOf(element)} ${at}; expected an object with a statusCode`
  if (!statuses.includes(element.statusCode as number)) {
    return `returned the statusCode ${show(element.statusCode)} ${at}; expected one of ${statuses.join(', ')}`
  }
  return checkFlag(element, 'ignored', at) ?? checkErrors(element.errors, at)
}

function checkSavePage(output: unknown, input: PageInput): string | undefined {
  if (!isObject(output))
    return `returned ${nameOf(output)}; expected { data, errors, abort, newErrorsAndRetryData }`
  if (!Array.isArray(output.data))
    return `returned ${nameOf(output.data)} as data; expected an array`
  return (
    checkErrors(output.errors, 'in the answer') ??
    checkRetryKeys(output.errors as JsonObject[] | undefined, input.retryData) ??
    checkFlag(output, 'abort', 'in the answer') ??
    checkNewErrors(output.newErrorsAndRetryData)
  )
}

function checkRetryKeys(
  errors: readonly JsonObject[] | undefined,
  retryData: unknown,
): string | undefined {
  const known = isObject(retryData) ? retryData : {}
  const index = (errors ?? []).findIndex(
    ({ retryDataKey: key }) =>
      key !== undefined && key !== null && !Object.hasOwn(known, String(key)),
  )
  if (index < 0) return undefined
  return `returned the retryDataKey ${show(errors?.[index]?.retryDataKey)} in errors[${index}], which is no key of options.retryData`
}

function checkNewErrors(entries: unknown): string | undefined {
  if (entries === undefined || entries === null) return undefined
  if (!Array.isArray(entries))
    return `returned ${nameOf(entries)} as newErrorsAndRetryData; expected an array`
  for (const [index, entry] of entries.entries()) {
    const at = `in newErrorsAndRetryData[${index}]`
    if (!isObject(entry)) return `returned ${nameOf(entry)} ${at}; expected { retryData, errors }`
    if (entry.retryData === undefined)
      return `returned no retryData ${at}; expected the record to retry`
    if (!Array.isArray(entry.errors))
      return `returned ${nameOf(entry.errors)} as errors ${at}; expected an array`
    const problem = checkErrors(entry.errors, at)
    if (problem !== undefined) return problem
  }
  return undefined
}

function checkExport(output: unknown, input: PageInput): string | undefined {
  if (!isObject(output))
    return `returned ${nameOf(output)}; expected { data, errors, lastPage, state, connectionOffline }`
  const offline = output.connectionOffline === true
  if (!Array.isArray(output.data) && !(offline && output.data === undefined)) {
    return `returned ${nameOf(output.data)} as data; expected an array`
  }
  const problem =
    checkErrors(output.errors, 'in the answer') ??
    checkFlag(output, 'lastPage', 'in the answer') ??
    checkFlag(output, 'connectionOffline', 'in the answer')
  if (problem !== undefined || offline || output.lastPage === true) return problem
  // A test export and a lookup are called once, so they cannot loop.
  const called = input.type === 'test' || input.data !== undefined
  if (
    !called &&
    (output.data as unknown[]).length > 0 &&
    process.getBuiltinModule('node:util').isDeepStrictEqual(output.state, input.state)
  ) {
    return 'returned records with the state it was given and without lastPage; the next call would be the same again, so return a new state or lastPage: true'
  }
  return undefined
}

function checkPing(output: unknown): string | undefined {
  if (!isObject(output)) return `returned ${nameOf(output)}; expected { statusCode, errors }`
  if (!PING_STATUSES.includes(output.statusCode as number)) {
    return `returned the statusCode ${show(output.statusCode)}; expected 200 or 401`
  }
  const { errors } = output
  if (output.statusCode === 401 && !(Array.isArray(errors) && errors.length > 0)) {
    return 'returned 401 without errors; expected at least one { code, message }'
  }
  return checkErrors(errors, 'in the answer')
}

function requireObject(output: unknown): string | undefined {
  return isObject(output) ? undefined : `returned ${nameOf(output)}; expected an object`
}

function checkErrors(errors: unknown, at: string): string | undefined {
  if (errors === undefined || errors === null) return undefined
  if (!Array.isArray(errors)) return `returned ${nameOf(errors)} as errors ${at}; expected an array`
  const index = errors.findIndex(
    (error) => !isObject(error) || !isText(error.code) || !isText(error.message),
  )
  return index < 0
    ? undefined
    : `returned errors[${index}] ${at} without a code and a message; expected { code, message, source }`
}

function checkFlag(output: JsonObject, member: string, at: string): string | undefined {
  const value = output[member]
  if (value === undefined || value === null || typeof value === 'boolean') return undefined
  return `returned ${nameOf(value)} as ${member} ${at}; expected true or false`
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Numbers are shown; texts could be data, so only their kind is. */
function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : nameOf(value)
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
