/** A path under a base; a query of the base stays, behind the path. */
export function joinUrl(base: string, path: string): string {
  const [origin = '', query] = splitOnce(base, '?')
  const [relative = '', ownQuery] = splitOnce(path, '?')
  const slash = relative === '' ? '' : '/'
  const joined = `${origin.replace(/\/+$/, '')}${slash}${relative.replace(/^\/+/, '')}`
  const queries = [query, ownQuery].filter((part) => part !== undefined && part !== '')
  return queries.length === 0 ? joined : `${joined}?${queries.join('&')}`
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}

/** Adds parameters to a URL without touching the rest of it; those of the same name are replaced. */
export function withQuery(url: string, parameters: readonly (readonly [string, string])[]): string {
  if (parameters.length === 0) return url
  const [, path = '', query = '', hash = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? []
  const names = new Set(parameters.map(([name]) => name))
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !names.has(parameterName(pair)))
  const added = parameters.map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  )
  return `${path}?${[...kept, ...added].join('&')}${hash}`
}

function parameterName(pair: string): string {
  return new URLSearchParams(pair).keys().next().value ?? ''
}
