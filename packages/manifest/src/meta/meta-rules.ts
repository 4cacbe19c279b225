import { type DocumentPath, type Finding, formatPath } from '../diagnostic.ts'
import { createReport, listOf, objectOf, type Report, textOf } from '../rules/rule.ts'
import type { MetaKind } from './parse-meta.ts'

type Loose = Readonly<Record<string, unknown>>

/** Rules between the properties of a `meta.json`. */
export function findMetaViolations(kind: MetaKind, value: unknown): Finding[] {
  const findings: Finding[] = []
  const report = createReport('strict', findings)
  if (kind === 'trigger') checkTrigger(objectOf(value), report)
  if (kind === 'action') checkAction(objectOf(value), report)
  return findings
}

function checkTrigger(meta: Loose, report: Report): void {
  const fields = objectOf(meta.trigger_fields)
  checkLocalFields(fields, 'trigger_fields', report)
  checkKeys(listOf(fields.fields), ['trigger_fields', 'fields'], report)
  if (meta.webhook !== undefined && meta.trigger_type === 'polling')
    report.error('MANIFEST_PROPERTY_CONFLICT', ['webhook'], {
      message: 'webhook has no meaning with "trigger_type": "polling".',
      hint: 'Remove it or change the type.',
    })
}

function checkAction(meta: Loose, report: Report): void {
  const fields = listOf(objectOf(meta.action_fields).fields)
  checkLocalFields(objectOf(meta.action_fields), 'action_fields', report)
  checkKeys(fields, ['action_fields', 'fields'], report)
  for (const [index, field] of fields.map(objectOf).entries())
    checkActionField(field, ['action_fields', 'fields', index], report)
}

function checkActionField(field: Loose, path: DocumentPath, report: Report): void {
  if (field.field_type === 'dropdown' && field.list === undefined)
    report.error('MANIFEST_PROPERTY_MISSING', [...path, 'list'], {
      message: `${formatPath([...path, 'list'])} is missing.`,
      hint: 'Say where the entries of the dropdown come from.',
    })
  if (field.dropdown_multiple === true && field.field_type !== 'dropdown')
    report.error('MANIFEST_PROPERTY_CONFLICT', [...path, 'dropdown_multiple'], {
      message: `${formatPath([...path, 'dropdown_multiple'])} has a meaning only with "field_type": "dropdown".`,
      hint: 'Remove it.',
    })
  if (field.date_format !== undefined && field.data_type !== 'datetime')
    report.error('MANIFEST_PROPERTY_CONFLICT', [...path, 'date_format'], {
      message: `${formatPath([...path, 'date_format'])} has a meaning only with "data_type": "datetime".`,
      hint: 'Remove it.',
    })
  const list = objectOf(field.list)
  const needed = list.type === 'remote' ? 'helper_method' : 'data'
  if (list.type !== undefined && list[needed] === undefined)
    report.error('MANIFEST_PROPERTY_MISSING', [...path, 'list', needed], {
      message: `${formatPath([...path, 'list', needed])} is missing.`,
      hint: list.type === 'remote' ? 'Name the folder of the helper method.' : 'List the entries.',
    })
  const helper = textOf(list.helper_method)
  if (helper !== undefined && !/^[a-z][a-z0-9_]*$/.test(helper))
    report.warning('MANIFEST_HELPER_NAME', [...path, 'list', 'helper_method'], {
      message: `${formatPath([...path, 'list', 'helper_method'])} is not in snake_case, but folders are.`,
      hint: 'Write the name of the folder.',
    })
}

/** Declared fields belong to `local`; `remote` ones come from the app's code. */
function checkLocalFields(holder: Loose, name: string, report: Report): void {
  if (holder.type === 'local' && holder.fields === undefined)
    report.error('MANIFEST_PROPERTY_MISSING', [name, 'fields'], {
      message: `${name}.fields is missing.`,
      hint: 'List the fields, or write "type": "remote".',
    })
}

function checkKeys(fields: readonly unknown[], path: DocumentPath, report: Report): void {
  const keys = new Set<string>()
  for (const [index, field] of fields.entries()) {
    const key = textOf(objectOf(field).key)
    if (key !== undefined && keys.has(key))
      report.error('MANIFEST_FIELD_DUPLICATE', [...path, index, 'key'], {
        message: `Two fields have the key "${key.slice(0, 60)}".`,
        hint: 'Rename or remove one.',
      })
    if (key !== undefined) keys.add(key)
  }
}
