import { PermanentError } from '@mortise/errors'

/** The one call that this package makes to the network; `fetch` and every wrapper of it fit. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

interface FollowOptions {
  method: string
  headers: Headers
  body?: NonNullable<RequestInit['body']>
  signal: AbortSignal
  maxRedirects: number
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Headers that carry no credential and survive a redirect to another origin. */
const HARMLESS_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'user-agent',
])

/**
 * Fetches and follows redirects itself: `fetch` would carry an `X-Api-Key` along to another origin.
 * There only harmless headers go, and never a body.
 */
export async function fetchFollowing(
  fetch: Fetch,
  start: string,
  options: FollowOptions,
): Promise<Response> {
  let url = start
  let { method, headers, body } = options
  for (let hops = 0; ; hops++) {
    const init: RequestInit = { method, headers, redirect: 'manual', signal: options.signal }
    if (body !== undefined) init.body = body
    const response = await fetch(url, init)
    const location = response.headers.get('location')
    if (!REDIRECTS.has(response.status) || location === null || options.maxRedirects === 0)
      return response
    await response.body?.cancel()
    if (hops >= options.maxRedirects)
      throw refuseRedirect(`More than ${options.maxRedirects} redirects.`)
    const next = redirectTarget(location, url)
    const isCrossOrigin = next.origin !== new URL(url).origin
    if (isCrossOrigin) headers = harmless(headers)
    if (response.status === 303 || (method === 'POST' && response.status < 303)) {
      method = method === 'HEAD' ? 'HEAD' : 'GET'
      body = undefined
    } else if (isCrossOrigin && body !== undefined) {
      throw refuseRedirect('The answer redirects a request with a body to another origin.')
    }
    url = next.href
  }
}

function refuseRedirect(message: string): PermanentError {
  return new PermanentError(message, { code: 'PROTOCOL', outcome: 'unknown' })
}

function redirectTarget(location: string, from: string): URL {
  if (!URL.canParse(location, from))
    throw refuseRedirect('The answer redirects to an invalid address.')
  const next = new URL(location, from)
  const isDowngrade = next.protocol !== 'https:' && new URL(from).protocol === 'https:'
  if (isDowngrade || !/^https?:$/.test(next.protocol))
    throw refuseRedirect('The answer redirects away from https.')
  return next
}

function harmless(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => HARMLESS_HEADERS.has(name)))
}
