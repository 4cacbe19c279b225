import type { AppManifest } from './app-manifest.ts'

/**
 * Declares a manifest in TypeScript: checks its shape and keeps its literal types, so that
 * {@link AuthOf} can name every field. Rules between fields are checked by `parseManifest`.
 */
export function defineManifest<const M extends AppManifest>(manifest: M): M {
  return manifest
}

type FieldsOf<M> = M extends { authentication: { fields: infer F } }
  ? F extends readonly (infer E)[]
    ? E
    : never
  : never

type Optional = { optional: true } | { default: string }

type TokenAuth<M> = M extends { authentication: { type: 'oauth_2' | 'two_step' } }
  ? { access_token: string }
  : unknown

type CapturedNames<M> = M extends {
  authentication:
    | { oauth_access_fields: { token_response: { capture: infer C } } }
    | { token_response: { capture: infer C } }
}
  ? keyof C & string
  : never

type StepNames<M> = M extends { authentication: { token_requests: readonly (infer S)[] } }
  ? S extends { capture: infer C }
    ? keyof C & string
    : never
  : never

type RedirectNames<M> = M extends {
  authentication: { oauth_access_fields: { redirect_capture: infer C } }
}
  ? keyof C & string
  : never

type NameOf<F> = F extends { name: infer N extends string } ? N : never

/**
 * The type of `event.auth` under a manifest: one text per field, `access_token` where a token is used,
 * and every captured value. Optional and defaulted fields may be absent.
 */
export type AuthOf<M> = Simplify<
  { [N in NameOf<Exclude<FieldsOf<M>, Optional>>]: string } & {
    [N in NameOf<Extract<FieldsOf<M>, Optional>>]?: string
  } & { [N in CapturedNames<M> | StepNames<M> | RedirectNames<M>]: string } & TokenAuth<M>
>

type Simplify<T> = { [K in keyof T]: T[K] }
