import type { AppManifest, AuthValues, TokenStep } from '../app-manifest.ts'
import { renderUrl } from '../base-uri.ts'
import { checkManifest } from '../check-arguments.ts'
import { renderCredentials } from '../credentials.ts'
import { createRedactor } from '../redactor.ts'
import { withQuery } from '../request-url.ts'
import type { OAuthOptions } from './oauth-options.ts'
import { invalidAnswer, sendTokenRequest, setHeader } from './token-request.ts'
import { captureAll, obtained, readTokens } from './token-response.ts'
import type { TokenSet } from './token-set.ts'

/**
 * Runs the token requests of a `two_step` manifest in order; the last answer holds the token.
 *
 * @throws {AuthError} MANIFEST_CREDENTIAL_MISSING, or what an endpoint refuses with.
 * @throws {PermanentError} MANIFEST_TOKEN_RESPONSE_INVALID when the last answer holds no token.
 */
export async function exchangeTokens(
  manifest: AppManifest,
  options: Omit<OAuthOptions, 'client'>,
): Promise<TokenSet> {
  checkManifest(manifest)
  const { authentication } = manifest
  if (authentication.type !== 'two_step')
    throw new TypeError(`${manifest.name} authenticates with ${authentication.type}, not two_step.`)
  const now = (options.now ?? Date.now)()
  let captured: Record<string, string> = {}
  let answer: unknown
  for (const step of authentication.token_requests) {
    const auth = { ...options.auth, ...captured }
    answer = await sendStep(manifest, step, { ...options, auth })
    captured = { ...captured, ...captureAll(answer, step.capture ?? {}) }
  }
  const tokens = readTokens(answer, authentication.token_response ?? {}, now)
  if (!tokens)
    throw invalidAnswer(
      manifest,
      answer,
      createRedactor(manifest, { ...options.auth, ...captured }),
    )
  const lifetime = authentication.token_lifetime_seconds
  const all = { ...captured, ...tokens.captured }
  return {
    ...(lifetime !== undefined && {
      expiresAt: new Date(now + lifetime * 1000).toISOString(),
      ...obtained(now),
    }),
    ...tokens,
    ...(Object.keys(all).length > 0 && { captured: all }),
  }
}

async function sendStep(
  manifest: AppManifest,
  step: TokenStep,
  options: Omit<OAuthOptions, 'client'> & { auth: AuthValues },
): Promise<unknown> {
  const { auth, allowPrivateNetwork } = options
  const fill = (template: string) => renderCredentials(manifest, auth, template)
  const method = step.http_method ?? 'POST'
  const headers = new Headers({ accept: 'application/json' })
  for (const [name, template] of Object.entries(step.headers ?? {}))
    setHeader(headers, name, fill(template))
  const query = Object.entries(step.query ?? {}).map(
    ([name, template]) => [name, fill(template)] as const,
  )
  const url = withQuery(renderUrl(manifest, step.url, { auth, allowPrivateNetwork }), query)
  const init: RequestInit = { method, headers }
  if (step.body !== undefined && method !== 'GET' && method !== 'HEAD') {
    const isForm = step.body_format === 'form'
    const body = fillTree(step.body, fill) as Record<string, unknown>
    init.body = isForm ? formOf(body) : JSON.stringify(body)
    if (!headers.has('content-type'))
      headers.set('content-type', isForm ? 'application/x-www-form-urlencoded' : 'application/json')
  }
  return sendTokenRequest(url, init, {
    ...options,
    manifest,
    redact: createRedactor(manifest, auth),
  })
}

function fillTree(value: unknown, fill: (template: string) => string): unknown {
  if (typeof value === 'string') return fill(value)
  if (Array.isArray(value)) return value.map((item) => fillTree(item, fill))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillTree(item, fill)]))
}

function formOf(body: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(body).map(([name, value]): [string, string] => [name, String(value)])
  return new URLSearchParams(pairs).toString()
}
