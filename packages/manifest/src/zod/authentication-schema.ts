import { z } from 'zod'
import { fieldSchema } from './field-schema.ts'
import {
  oauthAccessFieldsSchema,
  tokenPlacementShape,
  tokenResponseSchema,
} from './oauth-schema.ts'
import { httpMethodSchema, pingRequestSchema } from './ping-schema.ts'
import { templateMapSchema, templateSchema } from './text-schema.ts'

/** What every request carries besides the credential, with `{field}` placeholders. */
export const requestTemplateSchema = z
  .strictObject({
    headers: templateMapSchema.optional(),
    query: templateMapSchema.optional(),
  })
  .meta({ id: 'RequestTemplate' })

const shared = {
  ping_request: pingRequestSchema.optional(),
  ping: z.boolean().optional().meta({
    description: 'The app exports a `ping` function; checked when pinging.',
  }),
  request: requestTemplateSchema.optional(),
}

/** A user signs in at the provider, or the app or the user has a client of its own. */
export const oauth2Schema = z.strictObject({
  type: z.literal('oauth_2'),
  oauth_access_fields: oauthAccessFieldsSchema,
  query_string: z.record(z.string().min(1), z.string()).optional().meta({
    description: 'Further parameters of `authorize_url`, e.g. `audience`.',
  }),
  fields: z.array(fieldSchema).optional(),
  ...shared,
})

/** User name and password, joined and in base64. */
export const basicAuthSchema = z.strictObject({
  type: z.literal('basic_auth'),
  basic_auth_format: z.string().min(1).optional().meta({
    description: 'Joined before base64. Default `{username}:{password}`.',
  }),
  fields: z.array(fieldSchema).min(1),
  ...shared,
})

/** Fields sent as headers. */
export const passThroughHeaderSchema = z.strictObject({
  type: z.literal('pass_through_header'),
  fields: z.array(fieldSchema).min(1),
  ...shared,
})

/** Fields sent as query parameters. */
export const passThroughQueryStringSchema = z.strictObject({
  type: z.literal('pass_through_query_string'),
  fields: z.array(fieldSchema).min(1),
  ...shared,
})

/** Nothing but what `request` adds. */
export const noAuthSchema = z.strictObject({
  type: z.literal('no_auth'),
  fields: z.array(fieldSchema).optional(),
  ...shared,
})

/** One request of a token exchange; later steps may use what earlier ones captured. */
export const tokenStepSchema = z
  .strictObject({
    url: templateSchema,
    http_method: httpMethodSchema.optional().meta({ description: 'Default POST.' }),
    headers: templateMapSchema.optional(),
    query: templateMapSchema.optional(),
    body: z.record(z.string(), z.unknown()).optional().meta({
      description: 'JSON whose texts are templates.',
    }),
    body_format: z.enum(['json', 'form']).optional().meta({ description: 'Default `json`.' }),
    capture: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string().min(1)).optional(),
  })
  .meta({ id: 'TokenStep' })

/** What the user typed is exchanged for a token by requests of the manifest's own. */
export const twoStepSchema = z.strictObject({
  type: z.literal('two_step'),
  fields: z.array(fieldSchema).min(1),
  token_requests: z.array(tokenStepSchema).min(1).max(5).meta({
    description: 'Sent in order; the last answer holds the token.',
  }),
  token_response: tokenResponseSchema.optional(),
  token_lifetime_seconds: z.int().min(1).optional().meta({
    description: 'Used when the answer says nothing about expiry.',
  }),
  ...tokenPlacementShape,
  ...shared,
})

/** How a user's account proves itself to the API. */
export const authenticationSchema = z.discriminatedUnion('type', [
  oauth2Schema,
  basicAuthSchema,
  passThroughHeaderSchema,
  passThroughQueryStringSchema,
  noAuthSchema,
  twoStepSchema,
])
