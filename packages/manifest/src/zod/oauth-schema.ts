import { z } from 'zod'
import { httpMethodSchema } from './ping-schema.ts'
import { templateMapSchema, templateSchema } from './text-schema.ts'

/** A dotted path into a JSON answer: `access_token`, `authed_user.access_token`. */
const pathSchema = z.string().min(1)

/** Where the token goes in a request; `header` needs `access_token_header`. */
export const tokenPlacementShape = {
  access_token_placement: z.enum(['header_bearer', 'header_basic', 'query_string', 'header']).meta({
    description:
      '`Authorization: Bearer`, `Authorization: Basic` (the raw token), a query parameter, or another header.',
  }),
  access_token_on_query_string_replacement: z.string().min(1).optional().meta({
    description: 'Parameter name with `query_string`. Default `access_token`.',
  }),
  access_token_header: z.string().min(1).optional().meta({
    description: 'Header name with `header`.',
  }),
  access_token_format: z.string().min(1).optional().meta({
    description: 'Value with `header`. Default `{access_token}`.',
  }),
}

/** Which values of the token answer are kept, by dotted path. */
export const tokenResponseSchema = z
  .strictObject({
    access_token: pathSchema.optional().meta({ description: 'Default `access_token`.' }),
    refresh_token: pathSchema.optional().meta({ description: 'Default `refresh_token`.' }),
    expires_in: pathSchema.optional().meta({
      description: 'Seconds until expiry. Default `expires_in`.',
    }),
    expires_at: pathSchema.optional().meta({
      description: 'Instant of expiry: ISO 8601, or Unix seconds or milliseconds.',
    }),
    capture: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/), pathSchema)
      .optional()
      .meta({
        description: 'Further values for `event.auth` and templates, by name.',
      }),
  })
  .meta({ id: 'TokenResponse' })

/** The OAuth 2 endpoints, the client and the provider's peculiarities. */
export const oauthAccessFieldsSchema = z
  .strictObject({
    client_id: z.string().min(1).meta({
      description:
        'A name in capitals is a reference that the host resolves; `{field}` asks the user.',
    }),
    client_secret: z.string().min(1).optional().meta({
      description: 'Always a reference in capitals or a `{field}`, never the secret itself.',
    }),
    authorize_url: templateSchema.optional(),
    access_token_url: templateSchema,
    refresh_token_url: templateSchema.optional().meta({
      description: 'Leave out when tokens do not expire.',
    }),
    ...tokenPlacementShape,
    issuer: z.string().min(1).optional().meta({
      description: 'What the callback must say in `iss`, when it says anything (RFC 9207).',
    }),
    scope: z.array(z.string().min(1)).optional(),
    response_type: z.literal('code').optional(),
    access_type: z.string().optional().meta({ description: 'Sent to `authorize_url` as it is.' }),
    prompt: z.string().optional().meta({ description: 'Sent to `authorize_url` as it is.' }),
    grant_type: z.enum(['authorization_code', 'client_credentials']).optional().meta({
      description: 'Default `authorization_code`.',
    }),
    pkce: z.boolean().optional().meta({ description: 'PKCE with S256. Default true.' }),
    code_param: z.string().min(1).optional().meta({
      description: 'Callback parameter that holds the code. Default `code`.',
    }),
    authorize_param_names: z
      .strictObject({
        client_id: z.string().optional(),
        redirect_uri: z.string().optional(),
        response_type: z.string().optional(),
        scope: z.string().optional(),
        state: z.string().optional(),
      })
      .optional()
      .meta({
        description:
          'What `authorize_url` calls the standard parameters, e.g. `client_key`; an empty name leaves one out.',
      }),
    scope_separator: z.string().min(1).optional().meta({ description: 'Default one space.' }),
    token_auth_method: z
      .enum(['client_secret_post', 'client_secret_basic', 'client_secret_basic_raw', 'none'])
      .optional()
      .meta({ description: 'How the client proves itself. Default `client_secret_post`.' }),
    token_request_format: z
      .enum(['form', 'json'])
      .optional()
      .meta({ description: 'Default `form`.' }),
    token_http_method: httpMethodSchema.optional().meta({ description: 'Default POST.' }),
    token_params: templateMapSchema.optional().meta({
      description: 'Further parameters of every token request.',
    }),
    refresh_params: templateMapSchema.optional().meta({
      description: 'Further parameters of refresh requests only.',
    }),
    token_headers: templateMapSchema.optional(),
    token_response: tokenResponseSchema.optional(),
    redirect_capture: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string().min(1))
      .optional()
      .meta({
        description: 'Values of the callback query kept in `event.auth`: name to parameter.',
      }),
  })
  .meta({ id: 'OAuthAccessFields' })
