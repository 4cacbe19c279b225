import { PermanentError } from '@mortise/errors'
import type { AppManifest, AuthValues } from '../app-manifest.ts'
import { applyAuth } from '../apply-auth.ts'
import { resolveBaseURI } from '../base-uri.ts'
import type { Fetch } from './redirects.ts'

/** Where credentials may go, and through which `fetch`. */
export interface AuthorizeOptions {
  env?: string | undefined
  /** Origins besides the base URI's that also get the credentials, e.g. `https://uploads.example.com`. */
  origins?: readonly string[] | undefined
  /** Allows `http:` and private addresses. Default false. */
  allowPrivateNetwork?: boolean | undefined
}

/** The values of an account now; a function is asked before every request, so that a token may be refreshed. */
export type AuthSource = AuthValues | (() => AuthValues | Promise<AuthValues>)

/**
 * Wraps `fetch` so that every request is signed as the manifest declares. A relative URL belongs to the
 * base URI; an absolute one to another origin is refused, unless that origin is listed. Redirects are not
 * followed, unless a request asks for it itself: one to another origin would carry the credentials along.
 *
 * The answered function rejects with {@link PermanentError} MANIFEST_ORIGIN_REFUSED before anything is sent.
 */
export function createAuthorizedFetch(
  manifest: AppManifest,
  auth: AuthSource,
  options: AuthorizeOptions & { fetch?: Fetch | undefined } = {},
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return async (input, init = {}) => {
    const request = input instanceof Request ? initOf(input) : {}
    const url = input instanceof Request ? input.url : String(input)
    const headers = Object.fromEntries(new Headers(init.headers ?? request.headers))
    const signed = await authorize(manifest, auth, { url, headers }, options)
    const send = options.fetch ?? fetch
    return send(signed.url, { redirect: 'manual', ...request, ...init, headers: signed.headers })
  }
}

/** What a `Request` asks for; not to follow redirects, which it does unless told otherwise. */
function initOf({ method, headers, body, signal }: Request): RequestInit {
  return { method, headers, signal, ...(body && { body, duplex: 'half' }) }
}

/** The part of an axios instance that signing needs. */
export interface AxiosLike {
  interceptors: {
    request: {
      // biome-ignore lint/suspicious/noExplicitAny: axios's own config type is not a dependency
      use: (onFulfilled: (config: any) => any) => number
      eject: (id: number) => void
    }
  }
  defaults: { baseURL?: string | undefined }
}

/**
 * Signs every request of an axios instance as the manifest declares; without a `baseURL` of its own a
 * relative URL belongs to the manifest's. Requests to unlisted origins are refused; redirects are not
 * followed. Answers the function that takes the signing away again.
 */
export function authorizeAxios(
  axios: AxiosLike,
  manifest: AppManifest,
  auth: AuthSource,
  options: AuthorizeOptions = {},
): () => void {
  const id = axios.interceptors.request.use(async (config) => {
    const base = config.baseURL
    const path: string = config.url ?? ''
    const isAbsolute = /^([a-z][a-z0-9+.-]*:)?\/\//i.test(path)
    const url =
      base && !isAbsolute ? `${String(base).replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}` : path
    const signed = await authorize(manifest, auth, { url }, options)
    for (const [name, value] of Object.entries(signed.headers)) config.headers.set(name, value)
    return Object.assign(config, {
      url: signed.url,
      baseURL: undefined,
      maxRedirects: config.maxRedirects ?? 0,
    })
  })
  return () => {
    axios.interceptors.request.eject(id)
  }
}

async function authorize(
  manifest: AppManifest,
  source: AuthSource,
  request: { url: string; headers?: Record<string, string> },
  options: AuthorizeOptions,
) {
  const auth = typeof source === 'function' ? await source() : source
  const { env, allowPrivateNetwork } = options
  const base = new URL(resolveBaseURI(manifest, { auth, env, allowPrivateNetwork })).origin
  const isProtocolRelative = request.url.startsWith('//')
  const url = isProtocolRelative ? `https:${request.url}` : request.url
  const signed = applyAuth(manifest, auth, { ...request, url }, { env, allowPrivateNetwork })
  const origin = URL.canParse(signed.url) ? new URL(signed.url).origin : 'an invalid address'
  if (origin !== base && !options.origins?.includes(origin))
    throw new PermanentError(`${manifest.name}: credentials are not sent to ${origin}.`, {
      code: 'MANIFEST_ORIGIN_REFUSED',
      outcome: 'not_sent',
      details: { origin, base },
    })
  return signed
}
