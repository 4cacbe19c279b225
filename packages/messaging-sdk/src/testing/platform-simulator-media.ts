import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SimulatedFile } from './simulated-platform.ts'

/** The part of a file that a request asks for. */
interface Slice {
  status: 200 | 206 | 416
  start: number
  end: number
}

/**
 * Answers with a file: length, strong validator, ranges. With `cutAfterBytes` the connection breaks after
 * that many bytes of the body.
 */
export function writeFile(
  exchange: { request: IncomingMessage; response: ServerResponse },
  file: SimulatedFile,
  options: { cutAfterBytes?: number } = {},
): void {
  const { request, response } = exchange
  const etag = `"${createHash('sha256').update(file.data).digest('hex').slice(0, 32)}"`
  const slice = sliceOf(request, { etag, length: file.data.byteLength })
  const body = file.data.subarray(slice.start, slice.end)
  response.writeHead(slice.status, {
    'content-type': file.mime,
    'content-length': body.byteLength,
    'accept-ranges': 'bytes',
    etag,
    ...(slice.status !== 200 && { 'content-range': contentRange(slice, file.data.byteLength) }),
  })
  if (request.method === 'HEAD' || options.cutAfterBytes === undefined) {
    response.end(request.method === 'HEAD' ? undefined : body)
    return
  }
  response.write(body.subarray(0, options.cutAfterBytes), () => response.destroy())
}

/** One range, as `bytes=a-b`, `bytes=a-` or `bytes=-n`; `If-Range` of another version asks for everything. */
function sliceOf(request: IncomingMessage, file: { etag: string; length: number }): Slice {
  const whole: Slice = { status: 200, start: 0, end: file.length }
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
  const condition = request.headers['if-range']
  if (!match || (condition !== undefined && condition !== file.etag)) return whole
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return whole
  const start = first === '' ? Math.max(0, file.length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? file.length : Math.min(file.length, Number(last) + 1)
  return start < end ? { status: 206, start, end } : { status: 416, start: 0, end: 0 }
}

function contentRange({ status, start, end }: Slice, length: number): string {
  return status === 416 ? `bytes */${length}` : `bytes ${start}-${end - 1}/${length}`
}
