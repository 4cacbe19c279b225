import type { z } from 'zod'
import type { appManifestSchema, environmentSchema } from './zod/app-manifest-schema.ts'
import type { authenticationSchema, tokenStepSchema } from './zod/authentication-schema.ts'
import type { fieldSchema } from './zod/field-schema.ts'
import type { oauthAccessFieldsSchema, tokenResponseSchema } from './zod/oauth-schema.ts'
import type { pingRequestSchema } from './zod/ping-schema.ts'

/** A whole `app.json`: identity, environments, authentication. */
export type AppManifest = z.infer<typeof appManifestSchema>

/** How a user's account proves itself to the API; `type` tells the forms apart. */
export type Authentication = z.infer<typeof authenticationSchema>

/** The names of the ways to authenticate. */
export type AuthenticationType = Authentication['type']

/** One input of the connection form. */
export type Field = z.infer<typeof fieldSchema>

/** One place where the API lives. */
export type Environment = z.infer<typeof environmentSchema>

/** OAuth 2 endpoints, client and peculiarities. */
export type OAuthAccessFields = z.infer<typeof oauthAccessFieldsSchema>

/** The declared request that tells whether credentials work. */
export type PingRequest = z.infer<typeof pingRequestSchema>

/** Which values of a token answer are kept. */
export type TokenResponse = z.infer<typeof tokenResponseSchema>

/** One request of a `two_step` token exchange. */
export type TokenStep = z.infer<typeof tokenStepSchema>

/** The values of an account: what the user typed, and what a token endpoint answered. */
export type AuthValues = Readonly<Record<string, unknown>>
