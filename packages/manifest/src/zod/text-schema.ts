import { z } from 'zod'

/** A locale as the platform writes it (`pt_BR`, `en`); `pt-BR` is read too. */
export const localeSchema = z.string().regex(/^[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*$/)

/** The same text in several languages, by locale. */
export const localeMapSchema = z.record(localeSchema, z.string())

/** A plain text, or the same text in several languages. */
export const localizedTextSchema = z.union([z.string(), localeMapSchema])

/** A non-empty text with `{field}` placeholders; `{{` and `}}` are literal braces. */
export const templateSchema = z.string().min(1)

/** Named templates: headers, query parameters, form parameters. */
export const templateMapSchema = z.record(z.string().min(1), z.string())
