import type { ExtensionConfiguration } from './define-extension.ts'
import { type AuthorFunction, findMember, groupName } from './find-function.ts'
import type { HookError } from './hook-error.ts'

/** A call as the platform writes it: the JSON body over HTTP, the client context on Lambda. */
export interface HookCall {
  /** Truthy: a function of `diy`. Wins over `_connectorId`. */
  readonly diy?: unknown
  /** A function of the connector with this id. */
  readonly _connectorId?: unknown
  /** The group: `hook`, `wrapper`, `setting` and `utility` mean the plural, everything else itself. Absent: flat. */
  readonly type?: unknown
  /** The name of the function. */
  readonly function?: unknown
  /** What the function gets. */
  readonly options?: unknown
  /** A limit of the caller, in bytes. It can lower the host's, never raise it. */
  readonly maxResponseSize?: unknown
  readonly _reqId?: unknown
  readonly traceId?: unknown
}

/** The function a call means, and the object that is its `this`; or everything that is wrong with the call. */
export type FoundFunction =
  | { readonly ok: true; readonly self: unknown; readonly target: AuthorFunction }
  | { readonly ok: false; readonly errors: HookError[] }

/** The errors of the wire contract, word for word: the platform's users search for them. */
const MESSAGES = {
  noDiy: 'DIY is not configured in the extension configuration.',
  unknownConnector:
    "The _connectorId set in the extension options does't match any of the _connectorId's present in extension configuration.",
  noTarget: 'Need to set either the diy or _connectorId field in extension options.',
  noFunction: 'Missing required field function in the extension options.',
  functionNotText: 'The function field in the extension options must be of type string.',
  noOptions: "Function options haven't been provided.",
  notAFunction: "The function passed in the extension options doesn't map to a function.",
} as const

const MAX_SHOWN_LENGTH = 256

/** Checks a call and finds its function. All problems of the call are collected, in the order of the contract. */
export function findCalledFunction(
  configuration: ExtensionConfiguration,
  call: HookCall,
  validate?: (call: HookCall) => readonly HookError[],
): FoundFunction {
  const errors: HookError[] = []
  const module = findModule(configuration, call, errors)
  const { function: name } = call
  if (!name) errors.push({ code: 'missing_required_field', message: MESSAGES.noFunction })
  else if (typeof name !== 'string')
    errors.push({ code: 'invalid_field', message: MESSAGES.functionNotText })
  if (!call.options) errors.push({ code: 'missing_required_field', message: MESSAGES.noOptions })
  if (validate !== undefined) errors.push(...validate(call))
  if (errors.length > 0) return { ok: false, errors }

  const self = call.type ? findMember(module, groupName(label(call.type))) : module
  if (!self) {
    const message = `The object ${label(call.type).slice(0, MAX_SHOWN_LENGTH)} doesn't exist in the module.`
    return { ok: false, errors: [{ code: 'object_not_found', message }] }
  }
  const target = findMember(self, name as string)
  if (typeof target !== 'function') {
    return { ok: false, errors: [{ code: 'invalid_function', message: MESSAGES.notAFunction }] }
  }
  return { ok: true, self, target: target as AuthorFunction }
}

function findModule(
  configuration: ExtensionConfiguration,
  call: HookCall,
  errors: HookError[],
): unknown {
  if (call.diy) {
    if (!configuration.diy) errors.push({ code: 'missing_required_field', message: MESSAGES.noDiy })
    return configuration.diy
  }
  if (!call._connectorId) {
    errors.push({ code: 'missing_required_field', message: MESSAGES.noTarget })
    return undefined
  }
  const module = findMember(configuration.connectors, label(call._connectorId))
  if (!module) errors.push({ code: 'invalid_field', message: MESSAGES.unknownConnector })
  return module
}

/** Names come as any JSON; only texts and numbers can name something. */
function label(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
