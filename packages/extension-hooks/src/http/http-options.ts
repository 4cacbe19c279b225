import type { HookHost } from '../hook-host.ts'
import { atLeast } from '../hook-host-options.ts'
import { type Authorize, createAuthorize, type TokenRule } from './authorize.ts'

/** What both HTTP adapters need. */
export interface HttpOptions {
  /** The system tokens of the stack: one, several during a rotation, or a function that decides. */
  tokens: TokenRule
  /** Largest request body in bytes. Default 10 485 760. */
  maxBodyBytes?: number | undefined
  /** Adds a `Server-Timing` header with the times of the call. Default false. */
  serverTiming?: boolean | undefined
}

/** The part of a host that HTTP needs: bytes in, bytes out. A pool of workers fits as well. */
export type BytesHost = Pick<HookHost, 'invokeBytes' | 'stats'>

export interface HttpSettings {
  readonly authorize: Authorize
  readonly maxBodyBytes: number
  readonly serverTiming: boolean
  /** The `WWW-Authenticate` header of a refusal. */
  readonly challenge: string
  /** What a body is that is not JSON: refused, or a call without any field, as on the original host. */
  readonly otherContent: 'refuse' | 'empty-call'
  /** After this long a running call is announced with `102 Processing`, once. */
  readonly processingAfterMs: number | undefined
}

/** Twice the platform's page limit: a page travels with its retry data and errors. */
const DEFAULT_MAX_BODY_BYTES = 10 * 1024 * 1024

/** @throws {TypeError} when an option cannot work; the message names it */
export function resolveHttpOptions(options: HttpOptions): HttpSettings {
  return {
    authorize: createAuthorize(options.tokens),
    maxBodyBytes: atLeast('maxBodyBytes', options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES, 1),
    serverTiming: options.serverTiming === true,
    challenge: 'Bearer realm="functions"',
    otherContent: 'refuse',
    processingAfterMs: undefined,
  }
}
