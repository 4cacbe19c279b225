/** One entry of the catalogue, as far as the measurement reads it. */
export interface Provider {
  auth_mode?: string
  connection_config?: Record<string, Declared>
  connection_configuration?: unknown
  credentials?: Record<string, Declared>
  proxy?: {
    base_url?: string
    headers?: Record<string, string>
    query?: Record<string, string>
    body?: unknown
    verification?: {
      method?: string
      endpoints?: string[]
      headers?: Record<string, string>
      base_url_override?: string
      data?: unknown
    }
  }
  authorization_url?: string
  token_url?: string | object
  refresh_url?: string
  token_params?: Record<string, unknown>
  refresh_params?: Record<string, unknown>
  refresh_token_params?: Record<string, unknown>
  authorization_params?: Record<string, unknown>
  token_headers?: Record<string, string>
  token_response?: {
    token?: string
    token_expiration?: string
    token_expiration_strategy?: string
    refresh_token?: string
  }
  token_response_metadata?: string[]
  redirect_uri_metadata?: string[]
  token_request_auth_method?: string
  token_request_method?: string
  token_expires_in_ms?: number
  body_format?: string
  scope_separator?: string
  default_scopes?: string[]
  disable_pkce?: boolean
  authorization_code_param_in_callback?: string
  alternate_access_token_response_path?: string
  client_registration?: string
  authorization_url_replacements?: Record<string, string>
  additional_steps?: ProviderStep[]
  [other: string]: unknown
}

/** One more token request of an entry. */
export type ProviderStep = Pick<
  Provider,
  'body_format' | 'token_headers' | 'token_params' | 'token_request_method' | 'token_url'
>

/** One value that the catalogue asks a user for. */
export interface Declared {
  title?: string
  pattern?: string
  format?: string
  enum?: string[]
  optional?: boolean
  default_value?: string
  hidden?: boolean
  secret?: boolean
  automated?: boolean
}

/** Why an entry cannot be written as a manifest. */
export class Inexpressible extends Error {
  override readonly name = 'Inexpressible'
}
