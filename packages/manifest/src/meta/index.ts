export type { ActionMeta, HelperMeta, MetaKind, ParsedMeta, TriggerMeta } from './parse-meta.ts'
export { parseMeta } from './parse-meta.ts'
