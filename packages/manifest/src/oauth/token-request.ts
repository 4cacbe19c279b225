import {
  AuthError,
  fromResponse,
  fromUnknown,
  PermanentError,
  TransientError,
} from '@mortise/errors'
import { ClientSecretBasic, ClientSecretPost, None } from 'oauth4webapi'
import type { AppManifest, AuthValues, OAuthAccessFields } from '../app-manifest.ts'
import { renderUrl } from '../base-uri.ts'
import { credential } from '../credentials.ts'
import { headerValueProblem } from '../header-value.ts'
import { readLimited } from '../http/read-limited.ts'
import { redactorOf } from '../redactor.ts'
import { withQuery } from '../request-url.ts'
import { encodeBase64, renderTemplate } from '../template.ts'
import { checkTimeout } from '../timeout.ts'
import {
  clientOf,
  DEFAULT_TOKEN_TIMEOUT_MS,
  fillClient,
  type OAuthOptions,
  oauthFieldsOf,
} from './oauth-options.ts'
import { readTokens } from './token-response.ts'
import type { TokenSet } from './token-set.ts'

interface TokenRequest extends OAuthOptions {
  /** Template of the endpoint. */
  url: string
  parameters: Record<string, string>
  /** Kept in the answer: what the callback or an earlier answer left. */
  captured?: Record<string, string> | undefined
  /** Kept when the answer brings none: a provider may leave it out. */
  refreshToken?: string | undefined
  isRefresh?: boolean
}

/** Sends one token request as the manifest declares it, and reads the answer. */
export async function requestTokens(
  manifest: AppManifest,
  request: TokenRequest,
): Promise<TokenSet> {
  const oauth = oauthFieldsOf(manifest)
  const { auth = {} } = request
  const client = await clientOf(manifest, request)
  const clientId = fillClient(manifest, auth, client.clientId)
  const clientSecret =
    client.clientSecret === undefined ? undefined : fillClient(manifest, auth, client.clientSecret)
  const names: AuthValues = {
    ...auth,
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: request.refreshToken,
  }
  const fill = (template: string) =>
    renderTemplate(template, (name) => credential(manifest, names, name))
  const parameters = new URLSearchParams(request.parameters)
  const extra = { ...oauth.token_params, ...(request.isRefresh ? oauth.refresh_params : {}) }
  for (const [name, template] of Object.entries(extra)) parameters.set(name, fill(template))
  const headers = new Headers({ accept: 'application/json' })
  await authenticateClient(oauth, { clientId, clientSecret, parameters, headers })
  for (const [name, template] of Object.entries(oauth.token_headers ?? {}))
    setHeader(headers, name, fill(template))
  const endpoint = renderUrl(manifest, request.url, {
    auth,
    allowPrivateNetwork: request.allowPrivateNetwork,
  })
  const { code = '', code_verifier = '' } = request.parameters
  const redact = redactorOf(manifest, names, [code, code_verifier])
  const { url, init } = encodeRequest(oauth, { endpoint, parameters, headers })
  const answer = await sendTokenRequest(url, init, { ...request, redact, manifest })
  const tokens = readTokens(answer, oauth.token_response ?? {}, (request.now ?? Date.now)())
  if (!tokens) throw invalidAnswer(manifest, answer, redact)
  const captured = { ...request.captured, ...tokens.captured }
  return {
    ...tokens,
    ...(request.refreshToken !== undefined &&
      tokens.refreshToken === undefined && { refreshToken: request.refreshToken }),
    ...(Object.keys(captured).length > 0 && { captured }),
  }
}

interface ClientProof {
  clientId: string
  clientSecret: string | undefined
  parameters: URLSearchParams
  headers: Headers
}

const NO_SERVER = { issuer: 'https://unused.invalid' }

async function authenticateClient(oauth: OAuthAccessFields, proof: ClientProof): Promise<void> {
  const { clientId, clientSecret, parameters, headers } = proof
  const secret = clientSecret ?? ''
  const method =
    clientSecret === undefined ? 'none' : (oauth.token_auth_method ?? 'client_secret_post')
  // Servers that decode base64, but not the percent-encoding that RFC 6749 §2.3.1 asks for inside it.
  if (method === 'client_secret_basic_raw')
    headers.set('authorization', `Basic ${encodeBase64(`${clientId}:${secret}`)}`)
  else {
    const prove = {
      none: None,
      client_secret_basic: ClientSecretBasic,
      client_secret_post: ClientSecretPost,
    }[method]
    await prove(secret)(NO_SERVER, { client_id: clientId }, parameters, headers)
  }
}

function encodeRequest(
  oauth: OAuthAccessFields,
  {
    endpoint,
    parameters,
    headers,
  }: { endpoint: string; parameters: URLSearchParams; headers: Headers },
): { url: string; init: RequestInit } {
  const method = oauth.token_http_method ?? 'POST'
  if (method === 'GET' || method === 'HEAD')
    return { url: withQuery(endpoint, [...parameters]), init: { method, headers } }
  const isJson = oauth.token_request_format === 'json'
  if (!headers.has('content-type'))
    headers.set('content-type', isJson ? 'application/json' : 'application/x-www-form-urlencoded')
  const body = isJson ? JSON.stringify(Object.fromEntries(parameters)) : parameters.toString()
  return { url: endpoint, init: { method, headers, body } }
}

/** Sets a header whose value may hold what a user typed. */
export function setHeader(headers: Headers, name: string, value: string): void {
  const problem = headerValueProblem(value)
  if (problem)
    throw new AuthError(`The header "${name}" of the token request ${problem}.`, {
      code: 'MANIFEST_CREDENTIAL_INVALID',
      outcome: 'not_sent',
    })
  headers.set(name, value)
}

interface Sending extends Pick<OAuthOptions, 'fetch' | 'signal' | 'timeoutMs'> {
  redact: <T>(value: T) => T
  manifest: AppManifest
}

/** Enough for any token answer; more is not one. */
const MAX_TOKEN_RESPONSE_BYTES = 1_000_000

/**
 * Sends a request to a token endpoint and answers the parsed body of a success. Redirects are refused:
 * they would take the client's secret along.
 */
export async function sendTokenRequest(
  url: string,
  init: RequestInit,
  options: Sending,
): Promise<unknown> {
  const { redact, manifest, timeoutMs = DEFAULT_TOKEN_TIMEOUT_MS } = options
  checkTimeout('timeoutMs', timeoutMs)
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  let response: Response
  let body: unknown
  try {
    const send = options.fetch ?? fetch
    response = await send(url, { ...init, redirect: 'manual', signal })
    const text = new TextDecoder().decode(await readLimited(response, MAX_TOKEN_RESPONSE_BYTES))
    body = parseBody(text, response.headers.get('content-type') ?? '')
  } catch (thrown) {
    throw redact(fromUnknown(thrown, { redact, signal, method: init.method }))
  }
  const headers = response.headers
  const error = fromResponse(
    { status: response.status, headers, body },
    { redact, method: init.method },
  )
  if (error) throw redact(error)
  if (response.status >= 300)
    throw new PermanentError(`${manifest.name}: the token endpoint redirects, which is refused.`, {
      code: 'MANIFEST_TOKEN_RESPONSE_INVALID',
      status: response.status,
    })
  return body
}

/** JSON, or the form encoding that some old endpoints answer with. */
function parseBody(text: string, contentType: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const isForm = contentType.includes('form') || /^[\w.-]+=[^\s]*$/.test(text)
    return isForm ? Object.fromEntries(new URLSearchParams(text)) : text
  }
}

/** A success without a token. Some endpoints say 200 and mean an error. */
export function invalidAnswer(
  manifest: AppManifest,
  body: unknown,
  redact: <T>(value: T) => T,
): Error {
  const error = (body as { error?: unknown } | null | undefined)?.error
  const code = typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? error : undefined
  if (code === 'temporarily_unavailable')
    return new TransientError(`${manifest.name} answered "${code}".`)
  const meant = code && fromResponse({ status: 400, headers: {}, body }, { redact })
  if (meant && meant.kind !== 'permanent') return redact(meant)
  return new PermanentError(
    `${manifest.name}: the token endpoint answered without a token${code ? `, but with "${code}"` : ''}.`,
    { code: 'MANIFEST_TOKEN_RESPONSE_INVALID', ...(code && { details: { error: code } }) },
  )
}
