import type { IncomingHttpHeaders } from 'node:http'

/** Header value as one string. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
