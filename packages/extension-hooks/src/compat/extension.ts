import type { ExtensionConfiguration } from '../define-extension.ts'
import type { HookCall } from '../hook-call.ts'
import type { HookError } from '../hook-error.ts'
import { type HookHost, hostOf } from '../hook-host.ts'
import {
  type CompatCallback,
  type CompatConfiguration,
  findConfigurationError,
} from './compat-configuration.ts'

/** What a failed call calls back with. */
export interface CompatFailure {
  readonly statusCode: number
  readonly errors: readonly HookError[]
}

/** The original host's class: extend it, or use it as it is. Every instance has its own configuration. */
export interface Extension {
  /** The configuration loaded last. */
  getConfiguration: () => CompatConfiguration | undefined
  /** Checks and keeps a configuration. Calls back with an `Error` with a `code`, or with nothing. */
  loadConfiguration: (config: CompatConfiguration, callback: CompatCallback) => void
  /** Yours to override: more rules for the configuration. */
  validateConfigurationSpecifics: (config: CompatConfiguration, callback: CompatCallback) => void
  /** Yours to override: more rules for a call, as an array of errors. */
  validateOptionsSpecifics: (
    functionOptions: unknown,
    extensionOptions: HookCall,
  ) => readonly HookError[]
  /** Calls a function: back comes `(null, result)` or a {@link CompatFailure}. */
  callFunction: (
    functionOptions: unknown,
    extensionOptions: HookCall | undefined,
    callback: CompatCallback<unknown>,
  ) => void
}

interface Loaded {
  readonly configuration: CompatConfiguration
  readonly host: HookHost
}

// Not fields: subclasses made with `util.inherits` never run a constructor of ours.
const loaded = new WeakMap<object, Loaded>()

/** Callable without `new`, so that `util.inherits`, `Extension.call(this)` and `class extends` all work. */
export const Extension = function Extension() {
  // Nothing to prepare: what an instance holds is kept when it loads its configuration.
} as unknown as (new () => Extension) & { readonly prototype: Extension }

Object.assign(Extension.prototype, {
  getConfiguration(this: Extension) {
    return loaded.get(this)?.configuration
  },
  validateConfigurationSpecifics(_config: CompatConfiguration, callback: CompatCallback) {
    callback()
  },
  validateOptionsSpecifics() {
    return []
  },
  loadConfiguration(this: Extension, config: CompatConfiguration, callback: CompatCallback) {
    const error = findConfigurationError(config)
    if (error !== undefined) {
      callback(error)
      return
    }
    this.validateConfigurationSpecifics(config, (specific) => {
      if (!specific) loaded.set(this, { configuration: config, host: createCompatHost(config) })
      callback(...(specific ? [specific] : []))
    })
  },
  callFunction(
    this: Extension,
    functionOptions: unknown,
    extensionOptions: HookCall | undefined,
    callback: CompatCallback<unknown>,
  ) {
    const call = { ...extensionOptions, options: functionOptions }
    const errors = this.validateOptionsSpecifics(functionOptions, call)
    if (!Array.isArray(errors))
      throw new Error('validateOptionsSpecifics is expected to return an array.')
    const host = loaded.get(this)?.host ?? createCompatHost({})
    void invokeCompat(host, call, errors).then((answer) => {
      // Outside of the promise, so that what the callback throws is the caller's own uncaught error.
      process.nextTick(() => {
        if ('statusCode' in answer) callback(answer)
        else callback(null, answer.value)
      })
    })
  },
} satisfies Extension)

/** The errors that a subclass adds to a call travel beside it under this key. */
const extraErrors = Symbol('extra errors')

/** The host behind a configuration of the original host. */
export function createCompatHost(config: CompatConfiguration): HookHost {
  const { preset, limits, logger } = config
  return hostOf(config as ExtensionConfiguration, {
    ...limits,
    callerMayRaiseLimit: preset === 'original',
    json: 'lossy',
    logger,
    validateCall: (call) => (call as { [extraErrors]?: readonly HookError[] })[extraErrors] ?? [],
  })
}

async function invokeCompat(
  host: HookHost,
  call: HookCall,
  errors: readonly HookError[],
): Promise<CompatFailure | { value: unknown }> {
  const result = await host.invoke({ ...call, [extraErrors]: errors } as HookCall)
  return result.ok ? { value: result.value } : { statusCode: result.status, errors: result.errors }
}
