import type { CallReport } from './call-report.ts'
import type { ExtensionConfiguration } from './define-extension.ts'
import type { AuthorFunction } from './find-function.ts'
import { findCalledFunction, type HookCall } from './hook-call.ts'
import { type HookDefinition, hookDefinitionOf } from './hook-definition.ts'
import type { HookError } from './hook-error.ts'
import type { HookHostSettings } from './hook-host-options.ts'
import { checkHookInput } from './hook-invariants.ts'
import { withDates } from './with-dates.ts'

/** A function that may be called, with all that the call needs. */
export interface ReadyCall {
  readonly self: unknown
  readonly target: AuthorFunction
  readonly definition: HookDefinition | undefined
  readonly options: unknown
}

/** What a host holds against a call. */
interface CallRules {
  readonly configuration: ExtensionConfiguration
  readonly settings: HookHostSettings
}

const NOT_TAGGED: HookError = {
  code: 'invalid_function',
  message: 'This host calls tagged functions only; the function is not tagged.',
}

/** Checks everything about a call that can be checked before its function runs; answers the errors or the way to call it. */
export function prepareCall(
  { configuration, settings }: CallRules,
  call: HookCall,
  report: CallReport,
): ReadyCall | HookError[] {
  const found = findCalledFunction(configuration, call, settings.validateCall)
  if (!found.ok) return found.errors
  const definition = hookDefinitionOf(found.target)
  if (definition === undefined) {
    if (settings.onlyTagged) return [NOT_TAGGED]
    return { ...found, definition, options: withDates(call.options).options }
  }
  report.kind = definition.kind
  const problem = checkHookInput(definition.kind, call.options)
  const dated = withDates(call.options)
  if (problem !== undefined) return [{ code: 'invalid_field', message: problem }]
  if (dated.invalid !== undefined)
    return [{ code: 'invalid_field', message: `options.${dated.invalid} is not a date` }]
  return { ...found, definition, options: dated.options }
}
