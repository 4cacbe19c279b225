import type { ExtensionModule } from '../define-extension.ts'
import type { HookHostOptions } from '../hook-host-options.ts'
import type { HookLogger } from '../hook-logger.ts'
import { type CompatError, compatError } from './compat-errors.ts'

/** How close to the original host: see {@link CompatConfiguration.preset}. */
export type CompatPreset = 'hardened' | 'original'

/** What the original host takes, plus what it should have taken. */
export interface CompatConfiguration {
  /** One object of functions, grouped or flat. Either this or `connectors`. */
  diy?: ExtensionModule | undefined
  /** Objects of functions by their `_connectorId`. */
  connectors?: Readonly<Record<string, ExtensionModule>> | undefined
  /**
   * `hardened` (default) keeps names, codes, messages and the callback style, and nothing that is unsafe.
   * `original` brings back what callers may still lean on: a token in the body or the query, limits that the
   * caller raises, and `/stopServer` and `/openConnections` without a token.
   */
  preset?: CompatPreset | undefined
  /** Limits and times of the host. Default: those of `createHookHost`. */
  limits?:
    | Pick<
        HookHostOptions,
        'timeoutMs' | 'graceMs' | 'maxResponseBytes' | 'concurrency' | 'maxQueued' | 'maxWaitMs'
      >
    | undefined
  /** Gets one object a call. Default: nobody. */
  logger?: HookLogger | undefined
}

/** The configuration of the original's Express package. */
export interface CompatServerConfiguration extends CompatConfiguration {
  /** The stack's system token; an array accepts several during a rotation. */
  systemToken?: string | readonly string[] | undefined
  /** Default 80, as on the original host. */
  port?: number | undefined
  /** Default: all addresses, as on the original host. */
  hostname?: string | undefined
  /** Written to the global agents of `node:http` and `node:https` when given. */
  maxSockets?: number | undefined
  /** A winston logger: gets the text first and the fields second. `logger` wins. */
  winstonInstance?:
    | {
        info: (message: string, fields?: object) => void
        warn?: (message: string, fields?: object) => void
      }
    | undefined
  /** Milliseconds. Defaults 315 000, 301 000 and 305 000: longer than a load balancer that waits 300 s. */
  timeout?: number | undefined
  keepAliveTimeout?: number | undefined
  headersTimeout?: number | undefined
}

/** Node's callback of the original host. */
export type CompatCallback<T = void> = (error?: unknown, result?: T) => void

/** The rules of the original host, in its order. `undefined` means that the configuration is good. */
export function findConfigurationError(config: unknown): CompatError | undefined {
  if (isEmpty(config)) return compatError('optionsMissing')
  const { diy, connectors } = config as CompatConfiguration
  if (!diy && !connectors) return compatError('targetMissing')
  if (diy && connectors) return compatError('targetTwice')
  if (connectors && isEmpty(connectors)) return compatError('noConnectors')
  return undefined
}

/** Nothing, a primitive, or an object without members. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  return Object.keys(value).length === 0
}
