// A small client with the shape of axios, so that a `ping` written for `plg.axios` runs without it.
// It covers what such functions use: call or verbs, params, JSON or form data, basic auth, response types.
import { checkTimeout } from '../timeout.ts'
import { createHttpError } from './http-error.ts'
import type { HttpRequestConfig, HttpResponse } from './http-request-config.ts'
import { readLimited } from './read-limited.ts'
import { type Fetch, fetchFollowing } from './redirects.ts'
import { requestBody } from './request-body.ts'
import { requestUrl } from './request-parameters.ts'

type Send = <T = unknown>(config: HttpRequestConfig) => Promise<HttpResponse<T>>
type SendTo = <T = unknown>(url: string, config?: HttpRequestConfig) => Promise<HttpResponse<T>>
type SendDataTo = <T = unknown>(
  url: string,
  data?: unknown,
  config?: HttpRequestConfig,
) => Promise<HttpResponse<T>>

/** The part of axios that ping functions use. */
export interface HttpClient extends Send {
  <T = unknown>(url: string, config?: HttpRequestConfig): Promise<HttpResponse<T>>
  request: Send
  get: SendTo
  delete: SendTo
  head: SendTo
  options: SendTo
  post: SendDataTo
  put: SendDataTo
  patch: SendDataTo
  create: (defaults?: HttpRequestConfig) => HttpClient
  isAxiosError: (value: unknown) => boolean
}

/** The world of a client. */
export interface HttpClientOptions {
  /** Default the global `fetch`. */
  fetch?: Fetch | undefined
  /** Cancels every request of the client. */
  signal?: AbortSignal | undefined
  /** How long one request may take; 0 means as long as it likes. Default {@link DEFAULT_TIMEOUT_MS}. */
  timeoutMs?: number | undefined
  /** How much of an answer is read. Default {@link DEFAULT_MAX_BYTES}. */
  maxBytes?: number | undefined
  defaults?: HttpRequestConfig | undefined
}

/** A ping that takes longer tells nobody anything. */
export const DEFAULT_TIMEOUT_MS = 30_000

/** Ample for an answer about one account. */
export const DEFAULT_MAX_BYTES = 5_000_000

/** The limit of axios on Node with its default options is higher; nobody needs more. */
const DEFAULT_MAX_REDIRECTS = 5

/**
 * Makes a client that answers and rejects like axios, on `fetch`. Redirects to another origin lose every
 * header that the caller set. Rejections are `AxiosError`-shaped, but never serialise the request.
 *
 * @throws {TypeError} when `timeoutMs` or `maxBytes` is out of range: the caller's mistake.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES } = options
  if (timeoutMs !== 0) checkTimeout('timeoutMs', timeoutMs)
  if (!(maxBytes >= 0))
    throw new TypeError(`The option "maxBytes" is a number of bytes, but is ${String(maxBytes)}.`)
  const send = <T>(config: HttpRequestConfig) =>
    sendRequest<T>(merge(options.defaults, config), options)
  const call = <T>(first: string | HttpRequestConfig, config: HttpRequestConfig = {}) =>
    send<T>(typeof first === 'string' ? { ...config, url: first } : first)
  const verb =
    (method: string): SendTo =>
    (url, config = {}) =>
      send({ ...config, url, method })
  const verbWithData =
    (method: string): SendDataTo =>
    (url, data, config = {}) =>
      send({ ...config, url, method, data })
  return Object.assign(call as HttpClient, {
    request: send as Send,
    get: verb('get'),
    delete: verb('delete'),
    head: verb('head'),
    options: verb('options'),
    post: verbWithData('post'),
    put: verbWithData('put'),
    patch: verbWithData('patch'),
    create: (defaults: HttpRequestConfig = {}) =>
      createHttpClient({ ...options, defaults: merge(options.defaults, defaults) }),
    isAxiosError: (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      (value as { isAxiosError?: unknown }).isAxiosError === true,
  })
}

function merge(
  defaults: HttpRequestConfig = {},
  config: HttpRequestConfig = {},
): HttpRequestConfig {
  const params =
    config.params instanceof URLSearchParams || defaults.params instanceof URLSearchParams
      ? (config.params ?? defaults.params)
      : { ...defaults.params, ...config.params }
  return { ...defaults, ...config, headers: { ...defaults.headers, ...config.headers }, params }
}

async function sendRequest<T>(
  config: HttpRequestConfig,
  options: HttpClientOptions,
): Promise<HttpResponse<T>> {
  const method = (config.method ?? 'get').toUpperCase()
  const url = requestUrl(config)
  const { body, headers } = requestBody(method, config)
  const timeoutMs = config.timeout ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  if (timeoutMs !== 0) checkTimeout('timeout', timeoutMs)
  const signals = [
    config.signal,
    options.signal,
    timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined,
  ]
  const signal = AbortSignal.any(signals.filter((one) => one !== undefined))
  let response: Response
  let bytes: Uint8Array
  try {
    response = await fetchFollowing(options.fetch ?? fetch, url, {
      method,
      headers,
      ...(body !== undefined && method !== 'GET' && method !== 'HEAD' && { body }),
      signal,
      maxRedirects: config.maxRedirects ?? DEFAULT_MAX_REDIRECTS,
    })
    bytes = await readLimited(response, options.maxBytes ?? DEFAULT_MAX_BYTES)
  } catch (error) {
    throw createHttpError({ cause: error, config, timeoutMs, signal })
  }
  const answer: HttpResponse<T> = {
    data: decode(bytes, config.responseType) as T,
    status: response.status,
    statusText: response.statusText,
    headers: Object.fromEntries(response.headers),
    config,
  }
  const isValid =
    config.validateStatus === undefined ? isSuccess : (config.validateStatus ?? (() => true))
  if (isValid(response.status)) return answer
  throw createHttpError({ response: answer, config, timeoutMs, signal })
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function decode(bytes: Uint8Array, type: HttpRequestConfig['responseType']): unknown {
  if (type === 'arraybuffer') return bytes
  const text = new TextDecoder().decode(bytes)
  if (type === 'text') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
