import type { z } from 'zod'
import actionSchema from '../../schemas/action-meta.schema.json' with { type: 'json' }
import helperSchema from '../../schemas/helper-meta.schema.json' with { type: 'json' }
import triggerSchema from '../../schemas/trigger-meta.schema.json' with { type: 'json' }
import type { Diagnostic } from '../diagnostic.ts'
import { locateFindings, readJsonSource } from '../json-source.ts'
import { checkSchema, type JsonSchema } from '../schema-check.ts'
import type { actionMetaSchema, helperMetaSchema, triggerMetaSchema } from '../zod/meta-schema.ts'
import { findMetaViolations } from './meta-rules.ts'

/** What a trigger declares. */
export type TriggerMeta = z.infer<typeof triggerMetaSchema>

/** What an action declares. */
export type ActionMeta = z.infer<typeof actionMetaSchema>

/** What a helper method declares. */
export type HelperMeta = z.infer<typeof helperMetaSchema>

/** The three kinds of `meta.json`. */
export type MetaKind = 'trigger' | 'action' | 'helper'

type MetaOf = { trigger: TriggerMeta; action: ActionMeta; helper: HelperMeta }

/** What a `meta.json` holds and everything there is to say about it. */
export type ParsedMeta<K extends MetaKind> =
  | { ok: true; meta: MetaOf[K]; diagnostics: Diagnostic[] }
  | { ok: false; meta: undefined; diagnostics: Diagnostic[] }

const SCHEMAS: Readonly<Record<MetaKind, JsonSchema>> = {
  trigger: triggerSchema,
  action: actionSchema,
  helper: helperSchema,
}

/**
 * Reads the `meta.json` of a trigger, an action or a helper, with the same diagnostics as `parseManifest`.
 *
 * @throws {TypeError} when the kind is unknown or `text` is not a string: the caller's mistake.
 */
export function parseMeta<K extends MetaKind>(kind: K, text: string): ParsedMeta<K> {
  if (!Object.hasOwn(SCHEMAS, kind))
    throw new TypeError(
      `parseMeta: the kind is "trigger", "action" or "helper", but received ${String(kind)}.`,
    )
  if (typeof text !== 'string')
    throw new TypeError(`parseMeta needs the text of the document, but received ${typeof text}.`)
  const source = readJsonSource(text)
  const findings =
    source.value === undefined
      ? source.findings
      : source.findings.concat(
          checkSchema(SCHEMAS[kind], source.value),
          findMetaViolations(kind, source.value),
        )
  const diagnostics = locateFindings(source, findings)
  if (diagnostics.some(({ severity }) => severity === 'error'))
    return { ok: false, meta: undefined, diagnostics }
  return { ok: true, meta: source.value as MetaOf[K], diagnostics }
}
