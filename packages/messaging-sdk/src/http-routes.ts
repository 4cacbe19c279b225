import { isIntegrationError } from '@mortise/errors'
import { baseUrlOf } from './base-url.ts'
import type { AppMeta } from './integration-context.ts'
import type { IntegrationService } from './integration-service.ts'
import { nestsDeeperThan } from './json-depth.ts'
import type { OutboundMessage } from './outbound-message.ts'
import { createRawRequest, type RawRequestOptions, type RawResponse } from './raw-request.ts'
import { wholeNumber } from './whole-number.ts'

/** How services meet HTTP; `Native` is the request as the door knows it. */
export interface HttpRouteOptions<Native> {
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
  authenticate?: (request: Native) => Promise<AppMeta | undefined> | AppMeta | undefined
}

/** One request of any door. */
export interface HttpCall<Native> {
  method: string
  /** Scheme and host, as the door was called. */
  origin: string
  /** Path and query. */
  target: string
  headers: RawRequestOptions['headers']
  /** The whole body, or `undefined` as soon as it is longer. */
  readBody: (maxBytes: number) => Promise<Uint8Array | undefined>
  /** Made on demand: most requests need none. */
  signal: () => AbortSignal
  native: Native
}

const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024
const DEFAULT_MAX_DEPTH = 100

type Action =
  | { name: 'webhook'; channelId: string | undefined }
  | { name: 'send' | 'health' | 'status' | 'validate' }

const MANAGEMENT: Record<string, 'send' | 'health' | 'status' | 'validate'> = {
  'POST send': 'send',
  'GET health': 'health',
  'GET status': 'status',
  'POST validate': 'validate',
}

/** The paths of the six actions, behind any door. Never rejects: what fails unexpectedly is logged and answered with 500. */
export function createHttpRoutes<Native>(
  services: IntegrationService | readonly IntegrationService[],
  options: HttpRouteOptions<Native>,
): (call: HttpCall<Native>) => Promise<RawResponse> {
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, maxDepth = DEFAULT_MAX_DEPTH } = options
  wholeNumber('maxBodyBytes', maxBodyBytes, { least: 1 })
  wholeNumber('maxDepth', maxDepth, { least: 1 })
  const publicOrigin = options.publicOrigin && baseUrlOf(options.publicOrigin, 'publicOrigin')

  async function answer(service: IntegrationService, action: Action, call: HttpCall<Native>) {
    const body = await call.readBody(maxBodyBytes)
    if (!body) return { status: 413 }
    if (nestsDeeperThan(body, maxDepth)) return { status: 400 }
    if (action.name === 'webhook') {
      const { method, headers, origin, target } = call
      const url = `${publicOrigin || origin}${target}`
      const request = createRawRequest({ method, url, headers, body })
      const result = await service.receiveWebhook(request, { channelId: action.channelId })
      return result.response
    }
    const meta = await options.authenticate?.(call.native)
    return meta ? manage(action.name, { service, call, body, meta }) : { status: 403 }
  }

  return async (call) => {
    const found = findRoute(services, call, options.basePath ?? '')
    if (!found) return { status: 404 }
    try {
      return await answer(found.service, found.action, call)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      found.service.context().logger.error('A request failed', { error: message })
      return { status: 500 }
    }
  }
}

function findRoute<Native>(
  services: IntegrationService | readonly IntegrationService[],
  call: Pick<HttpCall<Native>, 'method' | 'target'>,
  basePath: string,
): { service: IntegrationService; action: Action } | undefined {
  const [path = ''] = call.target.split(/[?#]/, 1)
  if (!path.startsWith(basePath)) return undefined
  const words = path.slice(basePath.length).split('/').filter(Boolean).map(decode)
  const list = 'integration' in services ? undefined : services
  const service = list
    ? list.find(({ integration }) => integration.name === words[0])
    : (services as IntegrationService)
  const action = actionOf(call.method, list ? words.slice(1) : words)
  return service && action && { service, action }
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

interface ManagementCall {
  service: IntegrationService
  call: Pick<HttpCall<unknown>, 'target' | 'signal'>
  body: Uint8Array
  meta: AppMeta
}

async function manage(
  name: 'send' | 'health' | 'status' | 'validate',
  options: ManagementCall,
): Promise<RawResponse> {
  try {
    return await run(name, options)
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) {
      return json(400, { error: error.message })
    }
    if (!isIntegrationError(error)) throw error
    const status = error.code === 'PERMISSION_DENIED' ? 403 : error.kind === 'permanent' ? 404 : 503
    return json(status, { error: error.toJSON() })
  }
}

async function run(
  name: 'send' | 'health' | 'status' | 'validate',
  { service, call, body, meta }: ManagementCall,
): Promise<RawResponse> {
  const signal = call.signal()
  if (name === 'status') return json(200, await service.status({ meta }))
  if (name === 'health') {
    const channelId = new URL(call.target, 'http://localhost').searchParams.get('channelId')
    const health = await service.checkHealth({ meta, signal, ...(channelId && { channelId }) })
    return json(health.status === 'unhealthy' ? 503 : 200, health)
  }
  const input = fieldsOf(body)
  if (name === 'validate') {
    const credentials = (input.credentials ?? {}) as Record<string, string>
    return json(200, await service.validateCredentials(credentials, { meta, signal }))
  }
  const { channelId, message } = input
  if (typeof channelId !== 'string') throw new TypeError('channelId must be a string')
  const sent = await service.sendMessage(message as OutboundMessage, { channelId, meta, signal })
  const { error, ...rest } = sent
  return json(200, { ...rest, ...(error && { error: error.toJSON() }) })
}

function fieldsOf(body: Uint8Array): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new TypeError('The body must be a JSON object')
}

function json(status: number, value: unknown): RawResponse {
  const headers = { 'content-type': 'application/json' }
  return { status, headers, body: JSON.stringify(value) }
}

function decode(word: string): string {
  if (!word.includes('%')) return word
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}
