import schema from '../schemas/app-manifest.schema.json' with { type: 'json' }
import type { JsonSchema } from './schema-check.ts'

/** The shipped JSON Schema of `app.json`, generated from the zod schemas. */
export const appManifestJsonSchema: JsonSchema = schema
