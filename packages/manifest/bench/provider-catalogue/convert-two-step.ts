import { Inexpressible, type Provider, type ProviderStep } from './provider.ts'
import { nameOf, translateMap, translateTemplate, translateTree } from './translate-template.ts'

type Loose = Record<string, unknown>

/** An entry whose token is asked for with what the user typed. */
export function convertTwoStep(provider: Provider, names: Set<string>, placement: Loose): Loose {
  if (typeof provider.token_url !== 'string') throw new Inexpressible('several token addresses')
  if (provider.body_format === 'xml') throw new Inexpressible('an XML token request')
  const { token, token_expiration, token_expiration_strategy, refresh_token } =
    provider.token_response ?? {}
  if (token === undefined) throw new Inexpressible('a token whose place the entry does not say')
  const expiry = token_expiration && {
    [token_expiration_strategy === 'expireAt' ? 'expires_at' : 'expires_in']: token_expiration,
  }
  const { request, ...rest } = placement
  return {
    type: 'two_step',
    token_requests: [provider, ...(provider.additional_steps ?? [])].map((one, index, all) =>
      step(one, { names, number: index + 1, all }),
    ),
    token_response: { access_token: token, ...(refresh_token && { refresh_token }), ...expiry },
    ...(provider.token_expires_in_ms && {
      token_lifetime_seconds: Math.ceil(provider.token_expires_in_ms / 1000),
    }),
    ...rest,
    ...(request !== undefined && { request }),
  }
}

interface StepContext {
  names: Set<string>
  number: number
  all: readonly ProviderStep[]
}

function step(provider: ProviderStep, { names, number, all }: StepContext): Loose {
  const method = (provider.token_request_method ?? 'POST').toUpperCase()
  const headers = translateMap(provider.token_headers, names)
  const parameters = translateTree(provider.token_params ?? {}, names) as Loose
  const hasParameters = Object.keys(parameters).length > 0
  const isForm = provider.body_format === 'form'
  const capture = capturedBy(number, all)
  return {
    url: translateTemplate(String(provider.token_url), names),
    ...(method !== 'POST' && { http_method: method }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(hasParameters && (method === 'GET' ? { query: parameters } : { body: parameters })),
    ...(isForm && hasParameters && { body_format: 'form' }),
    ...(capture && { capture }),
  }
}

/** What later steps take from the answer of one step. */
function capturedBy(
  number: number,
  all: readonly ProviderStep[],
): Record<string, string> | undefined {
  const uses = JSON.stringify(all).matchAll(new RegExp(`\\$\\{step${number}\\.([\\w.]+)\\}`, 'g'))
  const paths = [...uses].map(([, path = '']) => path)
  if (paths.length === 0) return undefined
  return Object.fromEntries(paths.map((path) => [nameOf(path), path]))
}
