import type { ServerResponse } from 'node:http'
import { serve, type TestServer } from './serve.ts'

interface Source {
  content: () => Buffer
  headers?: (count: number) => Record<string, string>
  /** How many answers break in the middle. */
  drops: number
  ranges?: boolean
}

/** A server whose answers break, and which knows ranges and `If-Range`. */
export function serveBroken({
  content,
  headers,
  drops,
  ranges = true,
}: Source): Promise<TestServer> {
  let count = 0
  return serve((request, response) => {
    count += 1
    const own: Record<string, string> = headers?.(count) ?? { etag: '"one"' }
    const whole = content()
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const partial = ranges && start > 0 && request.headers['if-range'] === own.etag
    const part = partial ? whole.subarray(start) : whole
    response.writeHead(partial ? 206 : 200, {
      'content-length': part.length,
      ...own,
      ...(partial && { 'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}` }),
    })
    if (count <= drops) breakOff(response, part)
    else response.end(part)
  })
}

function breakOff(response: ServerResponse, part: Buffer): void {
  response.write(part.subarray(0, part.length / 2), () => {
    setTimeout(() => response.destroy(), 30)
  })
}
