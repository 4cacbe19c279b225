import type { errors } from '@mortise/errors'
import type { AuthValues } from '../app-manifest.ts'
import type { HttpClient } from '../http/http-client.ts'

/** What the platform hands to an app's functions. */
export interface PingPlatform {
  /** axios itself, or anything of its shape. */
  axios: HttpClient
  errors: typeof errors
}

/** The account and environment that a ping is about. */
export interface PingEvent {
  auth: AuthValues
  meta: { baseURI: string }
}

/** An app's own check: resolves when the credentials work, rejects when they do not. */
export type Ping = (plg: PingPlatform, event: PingEvent) => unknown

/** What an app's `lib/index.js` exports, as far as a ping is concerned. */
export interface PingModule {
  // biome-ignore lint/suspicious/noExplicitAny: existing functions are written against axios's own types
  readonly ping?: ((plg: any, event: any) => unknown) | undefined
}
