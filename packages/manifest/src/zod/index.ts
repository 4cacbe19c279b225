export { appManifestSchema, environmentSchema } from './app-manifest-schema.ts'
export {
  authenticationSchema,
  basicAuthSchema,
  noAuthSchema,
  oauth2Schema,
  passThroughHeaderSchema,
  passThroughQueryStringSchema,
  requestTemplateSchema,
  tokenStepSchema,
  twoStepSchema,
} from './authentication-schema.ts'
export { fieldSchema, validationSchema } from './field-schema.ts'
export {
  actionFieldSchema,
  actionListSchema,
  actionMetaSchema,
  helperMetaSchema,
  triggerFieldSchema,
  triggerMetaSchema,
} from './meta-schema.ts'
export { oauthAccessFieldsSchema, tokenResponseSchema } from './oauth-schema.ts'
export { expectationSchema, pingRequestSchema } from './ping-schema.ts'
export { localeMapSchema, localizedTextSchema } from './text-schema.ts'
