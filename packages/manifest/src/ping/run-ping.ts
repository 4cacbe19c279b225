import { errors, type IntegrationError, PermanentError } from '@mortise/errors'
import type { AppManifest, AuthValues, PingRequest } from '../app-manifest.ts'
import { applyAuth } from '../apply-auth.ts'
import { renderUrl, resolveBaseURI } from '../base-uri.ts'
import { credential, renderCredentials } from '../credentials.ts'
import { createHttpClient, type HttpClient } from '../http/http-client.ts'
import type { HttpResponse } from '../http/http-request-config.ts'
import type { Fetch } from '../http/redirects.ts'
import { createRedactor } from '../redactor.ts'
import { joinUrl, withQuery } from '../request-url.ts'
import { renderTemplate } from '../template.ts'
import { checkTimeout } from '../timeout.ts'
import { valueAt } from '../value-at.ts'
import { explainFailure, type PingFailureReason } from './ping-failure.ts'
import type { PingEvent, PingModule } from './ping-function.ts'

/** The world of a ping. */
export interface RunPingOptions {
  /** Used by the declared ping and by the stand-in for axios. Default the global `fetch`. */
  fetch?: Fetch | undefined
  /** What an exported `ping` gets as its first argument, e.g. `{ axios }`. Default: a stand-in on `fetch`. */
  plg?: object | undefined
  /** The app's `lib/index.js`; its `ping` wins over the manifest's `ping_request`. */
  exports?: PingModule | undefined
  /** Allows `http:` and private addresses, for tests and on-premises apps. Default false. */
  allowPrivateNetwork?: boolean | undefined
  signal?: AbortSignal | undefined
  /** How long the whole ping may take. Default {@link DEFAULT_PING_TIMEOUT_MS}. */
  timeoutMs?: number | undefined
  /** Milliseconds from any fixed point. Default `performance.now`. */
  now?: (() => number) | undefined
}

/** The account to ping. */
export interface PingAccount {
  auth: AuthValues
  /** `baseURI` wins over `env`; without both the default environment is meant. */
  meta?: { baseURI?: string | undefined; env?: string | undefined } | undefined
}

/** What a ping found out. `error` keeps no secret of the account. */
export type PingResult =
  | { ok: true; latencyMs: number }
  | { ok: false; reason: PingFailureReason; error: IntegrationError }

/** A form waits for the answer; longer waits are broken off as `unreachable`. */
export const DEFAULT_PING_TIMEOUT_MS = 15_000

/**
 * Finds out whether an account's credentials work, by the app's exported `ping` or the manifest's
 * `ping_request`. Always resolves; a failure says who must act.
 *
 * @throws {TypeError} when `event.auth` is missing or `timeoutMs` is out of range: the caller's mistake.
 */
export async function runPing(
  manifest: AppManifest,
  event: PingAccount,
  options: RunPingOptions = {},
): Promise<PingResult> {
  if (typeof event?.auth !== 'object' || event.auth === null)
    throw new TypeError('runPing needs event.auth, the values of the account, as an object.')
  const { timeoutMs = DEFAULT_PING_TIMEOUT_MS, now = () => performance.now() } = options
  checkTimeout('timeoutMs', timeoutMs)
  const redact = createRedactor(manifest, event.auth)
  const started = now()
  try {
    await withDeadline({ ...options, timeoutMs }, (signal) =>
      ping(manifest, event, { ...options, signal }),
    )
    return { ok: true, latencyMs: now() - started }
  } catch (thrown) {
    return { ok: false, ...explainFailure(thrown, { redact, signal: options.signal }) }
  }
}

async function ping(manifest: AppManifest, account: PingAccount, options: RunPingOptions) {
  const { auth } = account
  const { allowPrivateNetwork } = options
  const axios = createHttpClient({ fetch: options.fetch, signal: options.signal })
  const baseURI =
    account.meta?.baseURI ??
    resolveBaseURI(manifest, { auth, env: account.meta?.env, allowPrivateNetwork })
  options.signal?.throwIfAborted() // an exported ping may know nothing of signals
  const exported = options.exports?.ping
  if (exported) {
    const event: PingEvent = { ...account, auth, meta: { ...account.meta, baseURI } }
    return exported(options.plg ?? { axios, errors }, event)
  }
  const declared = manifest.authentication.ping_request
  if (!declared || manifest.authentication.ping === true)
    throw new PermanentError(`${manifest.name} declares no ping.`, {
      code: 'MANIFEST_PING_MISSING',
      outcome: 'not_sent',
    })
  const response = await sendDeclared(axios, {
    manifest,
    auth,
    declared,
    baseURI,
    allowPrivateNetwork,
  })
  return checkExpectation(declared, response)
}

interface DeclaredPing {
  manifest: AppManifest
  auth: AuthValues
  declared: PingRequest
  baseURI: string
  allowPrivateNetwork: boolean | undefined
}

function sendDeclared(axios: HttpClient, ping: DeclaredPing): Promise<HttpResponse> {
  const { manifest, auth, declared, allowPrivateNetwork } = ping
  const base = declared.base_uri
    ? renderUrl(manifest, declared.base_uri, { auth, allowPrivateNetwork })
    : ping.baseURI
  const path = renderTemplate(declared.path ?? declared.method_name ?? '', (name) =>
    encodeURIComponent(credential(manifest, auth, name)),
  )
  const params = Object.entries(declared.params ?? {}).map(
    ([name, value]) => [name, renderCredentials(manifest, auth, String(value))] as const,
  )
  const headers = Object.fromEntries(
    Object.entries(declared.headers ?? {}).map(([name, template]) => [
      name,
      renderCredentials(manifest, auth, template),
    ]),
  )
  const url = withQuery(joinUrl(base, path), params)
  const signed = applyAuth(manifest, auth, { url, headers })
  const accepted = declared.expect?.status
  return axios({
    ...signed,
    method: declared.http_method ?? 'GET',
    data: declared.body,
    ...(accepted && { validateStatus: (status: number) => accepted.includes(status) }),
  })
}

function checkExpectation(declared: PingRequest, response: HttpResponse): void {
  const { path, equals } = declared.expect ?? {}
  if (path === undefined) return
  const found = valueAt(response.data, path)
  if (equals === undefined ? found !== undefined && found !== null : isSame(found, equals)) return
  throw new PermanentError(`The answer to the ping does not hold what is expected at "${path}".`, {
    code: 'MANIFEST_PING_UNEXPECTED',
    status: response.status,
  })
}

/** `true` and `"true"` are the same: existing documents write every value as a text. */
function isSame(found: unknown, wanted: unknown): boolean {
  return typeof found !== 'object' && String(found) === String(wanted)
}

/** Also ends an exported ping that ignores every signal. */
async function withDeadline<T>(
  { signal, timeoutMs }: { signal?: AbortSignal | undefined; timeoutMs: number },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController()
  const timer = setTimeout(() => {
    timeout.abort(new DOMException(`No answer within ${timeoutMs} ms.`, 'TimeoutError'))
  }, timeoutMs)
  const either = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(either.reason)
    if (either.aborted) stop()
    else either.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([aborted, run(either)])
  } finally {
    clearTimeout(timer)
    either.removeEventListener('abort', stop)
  }
}
