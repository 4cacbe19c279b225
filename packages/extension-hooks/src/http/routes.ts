/** What a request asks for. */
export type Route =
  | 'function'
  | 'live'
  | 'ready'
  | 'function-wrong-method'
  | 'probe-wrong-method'
  | 'unknown'

/** The three addresses of a stack: `POST /function`, `GET /livez`, `GET /readyz`. Case and a last slash do not count. */
export function routeOf(method: string | undefined, path: string): Route {
  if (path === '/function' && method === 'POST') return 'function'
  const end = path.indexOf('?')
  const bare = (end < 0 ? path : path.slice(0, end)).toLowerCase().replace(/(?<=.)\/$/, '')
  const reads = method === 'GET' || method === 'HEAD'
  if (bare === '/function') return method === 'POST' ? 'function' : 'function-wrong-method'
  if (bare === '/livez') return reads ? 'live' : 'probe-wrong-method'
  if (bare === '/readyz') return reads ? 'ready' : 'probe-wrong-method'
  return 'unknown'
}

/** `application/json`, with parameters or not; UTF-8 is the only encoding JSON has. */
export function isJson(contentType: string | undefined): boolean {
  return (
    contentType === 'application/json' || /^application\/json\s*(?:;|$)/i.test(contentType ?? '')
  )
}
