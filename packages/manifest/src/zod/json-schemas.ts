import { z } from 'zod'
import { appManifestSchema } from './app-manifest-schema.ts'
import { actionMetaSchema, helperMetaSchema, triggerMetaSchema } from './meta-schema.ts'

/** The number changes when a document that was valid stops being so. */
const SCHEMA_VERSION = 1

/** The JSON Schemas (draft 2020-12) of every document, by file name. */
export function jsonSchemas(): Record<string, object> {
  return {
    'app-manifest': toJsonSchema('app-manifest', 'app.json', appManifestSchema),
    'trigger-meta': toJsonSchema('trigger-meta', 'meta.json of a trigger', triggerMetaSchema),
    'action-meta': toJsonSchema('action-meta', 'meta.json of an action', actionMetaSchema),
    'helper-meta': toJsonSchema('helper-meta', 'meta.json of a helper method', helperMetaSchema),
  }
}

function toJsonSchema(name: string, title: string, schema: z.ZodType): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
  return { $schema, $id: `urn:mortise:${name}:v${SCHEMA_VERSION}`, title, ...rest }
}
