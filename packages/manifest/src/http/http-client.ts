// A small client with the shape of axios, so that a `ping` written for `plg.axios` runs without it.
// It covers what such functions use: call or verbs, params, JSON or form data, basic auth, response types.
import { encodeBase64 } from '../template.ts'
import { createHttpError } from './http-error.ts'
import { readLimited } from './read-limited.ts'
import { type Fetch, fetchFollowing } from './redirects.ts'

/** A request in the words of axios. */
export interface HttpRequestConfig {
  url?: string | undefined
  method?: string | undefined
  baseURL?: string | undefined
  headers?: Record<string, string | number | boolean | undefined> | undefined
  params?: Record<string, unknown> | URLSearchParams | undefined
  /** Objects are sent as JSON, `URLSearchParams` as a form, texts and bytes as they are. */
  data?: unknown
  auth?: { username: string; password: string } | undefined
  /** Milliseconds; 0 means none. Default: the client's. */
  timeout?: number | undefined
  responseType?: 'json' | 'text' | 'arraybuffer' | undefined
  validateStatus?: ((status: number) => boolean) | null | undefined
  maxRedirects?: number | undefined
  signal?: AbortSignal | undefined
}

/** An answer in the words of axios. */
export interface HttpResponse<T = unknown> {
  data: T
  status: number
  statusText: string
  headers: Record<string, string>
  config: HttpRequestConfig
}

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
  /** How long one request may take. Default {@link DEFAULT_TIMEOUT_MS}. */
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
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
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
  const { body, headers } = requestBody(config)
  const timeoutMs = config.timeout ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS
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

function requestUrl({ url = '', baseURL, params }: HttpRequestConfig): string {
  const isAbsolute = /^([a-z][a-z0-9+.-]*:)?\/\//i.test(url)
  const base = baseURL && !isAbsolute ? `${baseURL.replace(/\/+$/, '')}/` : ''
  const [absolute = ''] = (base ? base + url.replace(/^\/+/, '') : url).split('#')
  const pairs = params instanceof URLSearchParams ? [...params] : flattenParams(params ?? {})
  if (pairs.length === 0) return absolute
  const query = pairs.map(([name, value]) => `${encodeParam(name)}=${encodeParam(value)}`).join('&')
  return `${absolute}${absolute.includes('?') ? '&' : '?'}${query}`
}

/** Exactly the characters that axios leaves alone. */
function encodeParam(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replaceAll('%24', '$')
    .replaceAll('%2C', ',')
    .replaceAll('%20', '+')
}

/** `a: [1, 2]` becomes `a[]=1&a[]=2`, as with axios. */
function flattenParams(params: Record<string, unknown>): [string, string][] {
  return Object.entries(params).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === null) return []
    if (Array.isArray(value)) return value.map((item) => [`${name}[]`, paramText(item)])
    return [[name, paramText(value)]]
  })
}

function paramText(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function requestBody({ data, headers = {}, auth }: HttpRequestConfig) {
  const result = new Headers()
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) result.set(name, String(value))
  if (!result.has('accept')) result.set('accept', 'application/json, text/plain, */*')
  if (auth)
    result.set('authorization', `Basic ${encodeBase64(`${auth.username}:${auth.password}`)}`)
  let body: string | URLSearchParams | Uint8Array<ArrayBuffer> | undefined
  if (data instanceof URLSearchParams || typeof data === 'string' || ArrayBuffer.isView(data))
    body = data as Uint8Array<ArrayBuffer>
  else if (data !== undefined && data !== null) {
    body = JSON.stringify(data)
    if (!result.has('content-type')) result.set('content-type', 'application/json')
  }
  return { body, headers: result }
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
