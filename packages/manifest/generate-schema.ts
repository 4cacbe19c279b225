// Writes the shipped JSON Schemas, which validation and editors use, from the zod schemas.
import { mkdirSync, writeFileSync } from 'node:fs'
import { jsonSchemas } from './src/zod/json-schemas.ts'

const folder = new URL('./schemas/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, schema] of Object.entries(jsonSchemas()))
  writeFileSync(new URL(`${name}.schema.json`, folder), `${JSON.stringify(schema, null, 2)}\n`)
