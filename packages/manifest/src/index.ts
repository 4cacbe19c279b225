export type {
  AppManifest,
  Authentication,
  AuthenticationType,
  AuthValues,
  Environment,
  Field,
  OAuthAccessFields,
  PingRequest,
  TokenResponse,
  TokenStep,
} from './app-manifest.ts'
export type {
  ApplyAuthOptions,
  AuthorizedRequest,
  AuthRequest,
  RequestCredentials,
} from './apply-auth.ts'
export { applyAuth, requestCredentials } from './apply-auth.ts'
export type { ResolveBaseUriOptions } from './base-uri.ts'
export { resolveBaseURI } from './base-uri.ts'
export type { AuthOf } from './define-manifest.ts'
export { defineManifest } from './define-manifest.ts'
export type {
  Diagnostic,
  DiagnosticCode,
  DiagnosticFix,
  DocumentPath,
  TextEdit,
} from './diagnostic.ts'
export type { FixedManifest } from './fix-manifest.ts'
export { applyEdits, fixManifest } from './fix-manifest.ts'
export { manifestTypes } from './manifest-types.ts'
export { REDACTED } from './mask-value.ts'
export type { ParsedManifest, ParseManifestOptions } from './parse-manifest.ts'
export { DEFAULT_LOCALES, parseManifest } from './parse-manifest.ts'
export type { Redactor } from './redactor.ts'
export { createRedactor, secretNames } from './redactor.ts'
export type { UrlRules } from './safe-url.ts'
export type { OAuthClient, SecretResolver } from './secrets.ts'
export { resolveClient, secretsFromEnv } from './secrets.ts'
export type {
  FieldProblem,
  FieldProblemCode,
  ValidatedFields,
  ValidateFieldsOptions,
} from './validate-fields.ts'
export { validateFields } from './validate-fields.ts'
