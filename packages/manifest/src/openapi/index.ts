export type { ImportedManifest, ImportOpenApiOptions } from './import-openapi.ts'
export { importOpenApi } from './import-openapi.ts'
