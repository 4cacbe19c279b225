import { encodeBase64 } from '../template.ts'
import type { HttpRequestConfig } from './http-request-config.ts'
import { flatten } from './request-parameters.ts'

type Body = NonNullable<RequestInit['body']>

const FORM = 'application/x-www-form-urlencoded'

/** What axios takes for a form when nobody says otherwise. */
const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** Body and headers of a request, put together as axios does. */
export function requestBody(
  method: string,
  { data, headers: given = {}, auth }: HttpRequestConfig,
): { body: Body | undefined; headers: Headers } {
  const headers = new Headers()
  for (const [name, value] of Object.entries(given))
    if (value !== undefined) headers.set(name, String(value))
  if (!headers.has('accept')) headers.set('accept', 'application/json, text/plain, */*')
  if (auth)
    headers.set('authorization', `Basic ${encodeBase64(`${auth.username}:${auth.password}`)}`)
  if (data instanceof FormData || data instanceof Blob) return { body: data, headers }
  const isWritten = isSentAsItIs(data) || data === undefined || data === null
  if (!headers.has('content-type')) {
    if (!isWritten) headers.set('content-type', 'application/json')
    else if (WRITES.has(method)) headers.set('content-type', FORM)
  }
  if (isWritten) return { body: data ?? undefined, headers }
  const isForm = headers.get('content-type')?.startsWith(FORM) && typeof data === 'object'
  const body = isForm ? new URLSearchParams(flatten(data as object)) : JSON.stringify(data)
  return { body, headers }
}

function isSentAsItIs(data: unknown): data is string | URLSearchParams | ArrayBuffer {
  return (
    typeof data === 'string' ||
    ArrayBuffer.isView(data) ||
    data instanceof ArrayBuffer ||
    data instanceof URLSearchParams
  )
}
