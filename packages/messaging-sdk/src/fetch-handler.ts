import { isIntegrationError } from '@mortise/errors'
import type { AppMeta } from './integration-context.ts'
import type { IntegrationService } from './integration-service.ts'
import type { OutboundMessage } from './outbound-message.ts'
import { createRawRequest, type RawResponse } from './raw-request.ts'

/** How the service meets HTTP. */
export interface FetchHandlerOptions {
  /** In front of every path. Default none. */
  basePath?: string
  /** The origin that platforms call, where a proxy hides it (`https://hooks.example.org`). Some platforms sign it. */
  publicOrigin?: string
  /** Longer bodies are refused with 413 before they are read whole. Default 4 MiB; WhatsApp sends up to 3. */
  maxBodyBytes?: number
  /** Deeper JSON is refused with 400. Default 100. */
  maxDepth?: number
  /**
   * Who may use `send`, `status`, `health` and `validate`; answers with the caller, or `undefined` to refuse.
   * Absent: nobody may, these paths answer 403.
   */
  authenticate?: (request: Request) => Promise<AppMeta | undefined> | AppMeta | undefined
}

/** A web-standard handler: runs on anything that speaks `Request` and `Response`. */
export type FetchHandler = (request: Request) => Promise<Response>

const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024
const DEFAULT_MAX_DEPTH = 100

/**
 * Paths: `POST /webhook`, `POST /webhook/:channelId` and `POST /:channelId` receive; the same by GET answer
 * challenges; `POST /send`, `GET /health`, `GET /status`, `POST /validate` are for `authenticate`d callers.
 * Several services: each below its integration's name (`/whatsapp/webhook`).
 */
export function createFetchHandler(
  services: IntegrationService | readonly IntegrationService[],
  options: FetchHandlerOptions = {},
): FetchHandler {
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
  return async (request) => {
    const found = findRoute(services, request, options.basePath ?? '')
    if (!found) return new Response(null, { status: 404 })
    const { service, words } = found
    const action = actionOf(request.method, words)
    if (!action) return new Response(null, { status: 404 })
    const body = await readBody(request, maxBodyBytes)
    if (!body) return new Response(null, { status: 413 })
    if (nestsDeeperThan(body, options.maxDepth ?? DEFAULT_MAX_DEPTH)) {
      return new Response(null, { status: 400 })
    }
    if (action.name === 'webhook') {
      const { method, headers } = request
      const url = publicUrl(request.url, options.publicOrigin)
      const raw = createRawRequest({ method, url, headers, body })
      const { channelId } = action
      const result = await service.receiveWebhook(raw, { channelId })
      return toResponse(result.response)
    }
    const meta = await options.authenticate?.(request)
    if (!meta) return new Response(null, { status: 403 })
    return manage(action.name, { service, request, body, meta })
  }
}

type Action =
  | { name: 'webhook'; channelId: string | undefined }
  | { name: 'send' | 'health' | 'status' | 'validate' }

const MANAGEMENT: Record<string, 'send' | 'health' | 'status' | 'validate'> = {
  'POST send': 'send',
  'GET health': 'health',
  'GET status': 'status',
  'POST validate': 'validate',
}

function actionOf(method: string, words: string[]): Action | undefined {
  const [first, second, ...rest] = words
  if (first === undefined || rest.length > 0) return undefined
  const management = second === undefined ? MANAGEMENT[`${method} ${first}`] : undefined
  if (management) return { name: management }
  if (method !== 'POST' && method !== 'GET') return undefined
  if (first === 'webhook') return { name: 'webhook', channelId: second }
  return second === undefined ? { name: 'webhook', channelId: first } : undefined
}

function findRoute(
  services: IntegrationService | readonly IntegrationService[],
  request: Request,
  basePath: string,
): { service: IntegrationService; words: string[] } | undefined {
  const { pathname } = new URL(request.url)
  if (!pathname.startsWith(basePath)) return undefined
  const words = pathname.slice(basePath.length).split('/').filter(Boolean).map(decode)
  if (!Array.isArray(services)) return { service: services as IntegrationService, words }
  const service = (services as IntegrationService[]).find(
    ({ integration }) => integration.name === words[0],
  )
  return service && { service, words: words.slice(1) }
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}

async function manage(
  name: 'send' | 'health' | 'status' | 'validate',
  options: { service: IntegrationService; request: Request; body: Uint8Array; meta: AppMeta },
): Promise<Response> {
  const { service, request, body, meta } = options
  if (name === 'status') return Response.json(service.status())
  if (name === 'health') {
    const channelId = new URL(request.url).searchParams.get('channelId')
    const health = await service.checkHealth(channelId === null ? {} : { channelId })
    return Response.json(health, { status: health.status === 'unhealthy' ? 503 : 200 })
  }
  let input: Record<string, unknown>
  try {
    input = JSON.parse(Buffer.from(body).toString('utf8')) as Record<string, unknown>
  } catch {
    return Response.json({ error: 'The body must be JSON' }, { status: 400 })
  }
  if (name === 'validate') {
    const credentials = input.credentials as Record<string, string>
    return Response.json(await service.validateCredentials(credentials))
  }
  const { channelId, message } = input as { channelId: string; message: OutboundMessage }
  try {
    const result = await service.sendMessage(message, { channelId, meta, signal: request.signal })
    const { error, ...rest } = result
    return Response.json({ ...rest, ...(error && { error: error.toJSON() }) })
  } catch (error) {
    if (error instanceof TypeError) return Response.json({ error: error.message }, { status: 400 })
    if (!isIntegrationError(error)) throw error
    return Response.json({ error: error.toJSON() }, { status: 404 })
  }
}

function toResponse({ status, headers, body }: RawResponse): Response {
  return new Response(body ?? null, { status, ...(headers && { headers }) })
}

function publicUrl(url: string, origin: string | undefined): string {
  if (!origin) return url
  const { pathname, search } = new URL(url)
  return `${origin}${pathname}${search}`
}

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined
  if (!request.body) return new Uint8Array()
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of request.body) {
    bytes += piece.byteLength
    if (bytes > maxBytes) return undefined
    pieces.push(piece)
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENERS = new Set([0x5b, 0x7b])
const CLOSERS = new Set([0x5d, 0x7d])

/** Whether JSON nests too deep for those who walk it by recursion. Brackets inside strings do not count. */
export function nestsDeeperThan(body: Uint8Array, maxDepth: number): boolean {
  let depth = 0
  let inString = false
  for (let index = 0; index < body.length; index++) {
    const byte = body[index] ?? 0
    if (inString) {
      if (byte === BACKSLASH) index++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (OPENERS.has(byte) && ++depth > maxDepth) return true
    else if (CLOSERS.has(byte)) depth--
  }
  return false
}
