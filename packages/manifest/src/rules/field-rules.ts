import { type DocumentPath, formatPath } from '../diagnostic.ts'
import { headerNameProblem } from '../header-value.ts'
import { patternProblem } from '../linear-pattern.ts'
import { namesInTree, templateNames } from '../template.ts'
import { listOf, objectOf, type RuleContext, textOf } from './rule.ts'

type Loose = Readonly<Record<string, unknown>>

/** Every field on its own, then the fields among each other. */
export function checkFields(document: Loose, context: RuleContext): void {
  const authentication = objectOf(document.authentication)
  const fields = listOf(authentication.fields).map(objectOf)
  for (const [index, field] of fields.entries()) {
    const path = ['authentication', 'fields', index]
    checkValidations(field, path, context)
    checkValueRules(field, path, context)
    checkFormat(field, path, context)
    checkMapping(field, path, context, authentication.type)
  }
  checkNamesAndMappings(fields, context, authentication.type)
  checkUnused(document, fields, context)
}

function checkValidations(field: Loose, path: DocumentPath, { report }: RuleContext): void {
  const limits = new Map<unknown, number>()
  for (const [index, entry] of listOf(field.validations).entries()) {
    const { name, value } = objectOf(entry)
    if (limits.has(name))
      report.error('MANIFEST_VALIDATION_DUPLICATE', [...path, 'validations', index], {
        message: `${formatPath([...path, 'validations'])} holds "${String(name).slice(0, 40)}" twice.`,
        hint: 'Keep one.',
        fix: { description: 'Remove it', changes: [{ remove: [...path, 'validations', index] }] },
      })
    if (typeof value === 'number') limits.set(name, value)
  }
  const [min = 0, max = Number.POSITIVE_INFINITY] = [
    limits.get('min_length'),
    limits.get('max_length'),
  ]
  if (min > max)
    report.error('MANIFEST_VALIDATION_CONTRADICTORY', [...path, 'validations'], {
      message: `${formatPath([...path, 'validations'])} asks for at least ${min} and at most ${max} characters.`,
      hint: 'No value fits; correct one of them.',
    })
}

function checkValueRules(field: Loose, path: DocumentPath, { report }: RuleContext): void {
  const pattern = textOf(field.pattern)
  const problem = pattern === undefined ? undefined : patternProblem(pattern)
  if (problem)
    report.error('MANIFEST_PATTERN_INVALID', [...path, 'pattern'], {
      message: `${formatPath([...path, 'pattern'])} ${problem}.`,
      hint: 'Write a regular expression of characters, classes, groups and repetition.',
    })
  const options = listOf(field.enum)
  if (typeof field.default === 'string' && options.length > 0 && !options.includes(field.default))
    report.error('MANIFEST_DEFAULT_INVALID', [...path, 'default'], {
      message: `${formatPath([...path, 'default'])} is not one of the values in "enum".`,
      hint: 'Use one of them.',
    })
  if (field.type === 'hidden' && field.default === undefined)
    report.error('MANIFEST_DEFAULT_INVALID', path, {
      message: `${formatPath(path)} is hidden and has no default, so nobody can fill it in.`,
      hint: 'Add "default", or show the field.',
    })
}

function checkFormat(field: Loose, path: DocumentPath, { report }: RuleContext): void {
  const prefix = textOf(field.prefix)
  const format = textOf(field.mapping_format)
  if (prefix !== undefined && format !== undefined)
    report.error('MANIFEST_PROPERTY_CONFLICT', [...path, 'prefix'], {
      message: `${formatPath(path)} has both "prefix" and "mapping_format".`,
      hint: 'Put the prefix into "mapping_format".',
    })
  if (prefix?.endsWith(' '))
    report.warning('MANIFEST_PREFIX_SPACE', [...path, 'prefix'], {
      message: `${formatPath([...path, 'prefix'])} ends with a space, and one is added anyway.`,
      hint: 'Remove the space.',
      fix: {
        description: 'Remove the space',
        changes: [{ set: [...path, 'prefix'], value: prefix.trimEnd() }],
      },
    })
  if (format !== undefined && !templateNames(format).includes('value'))
    report.error('MANIFEST_PLACEHOLDER_MISSING', [...path, 'mapping_format'], {
      message: `${formatPath([...path, 'mapping_format'])} does not contain {value}.`,
      hint: 'Write {value} where the value goes.',
    })
}

function checkMapping(
  field: Loose,
  path: DocumentPath,
  { report }: RuleContext,
  type: unknown,
): void {
  const mapping = textOf(field.mapping)
  if (mapping === undefined) return
  if (type === 'basic_auth' && mapping !== 'username' && mapping !== 'password')
    report.error('MANIFEST_MAPPING_INVALID', [...path, 'mapping'], {
      message: `${formatPath([...path, 'mapping'])} is neither "username" nor "password".`,
      hint: 'With basic_auth a field maps to one of these, or to nothing.',
    })
  const problem = type === 'pass_through_header' ? headerNameProblem(mapping) : undefined
  if (problem)
    report.error('MANIFEST_MAPPING_INVALID', [...path, 'mapping'], {
      message: `${formatPath([...path, 'mapping'])} ${problem}.`,
      hint: 'Map the field to a header such as Authorization or X-Api-Key.',
    })
}

const MAPPING_TYPES: ReadonlySet<unknown> = new Set([
  'basic_auth',
  'pass_through_header',
  'pass_through_query_string',
])

function checkNamesAndMappings(
  fields: readonly Loose[],
  { report }: RuleContext,
  type: unknown,
): void {
  const names = new Set<string>()
  const mappings = new Set<string>()
  for (const [index, field] of fields.entries()) {
    const name = textOf(field.name)
    if (name !== undefined && names.has(name))
      report.error('MANIFEST_FIELD_DUPLICATE', ['authentication', 'fields', index, 'name'], {
        message: `Two fields are named "${name}".`,
        hint: 'Rename or remove one.',
      })
    if (name !== undefined) names.add(name)
    const mapping = textOf(field.mapping)?.toLowerCase()
    if (mapping !== undefined && MAPPING_TYPES.has(type) && mappings.has(mapping))
      report.error('MANIFEST_MAPPING_DUPLICATE', ['authentication', 'fields', index, 'mapping'], {
        message: `Two fields map to "${mapping}".`,
        hint: 'Each target takes one field.',
      })
    if (mapping !== undefined) mappings.add(mapping)
  }
  const areKnown = [...mappings].every(
    (mapping) => mapping === 'username' || mapping === 'password',
  )
  if (type === 'basic_auth' && fields.length > 0 && areKnown && !mappings.has('username'))
    report.error('MANIFEST_MAPPING_MISSING', ['authentication', 'fields'], {
      message: 'No field maps to "username".',
      hint: 'Add "mapping": "username" to one; without a "password" it is empty.',
    })
}

function checkUnused(document: Loose, fields: readonly Loose[], { report }: RuleContext): void {
  const type = objectOf(document.authentication).type
  if (type === 'pass_through_query_string' || fields.length === 0) return
  const used = new Set(namesInTree(document))
  for (const [index, field] of fields.entries()) {
    const name = textOf(field.name)
    if (name === undefined || used.has(name)) continue
    const isMapped = field.mapping !== undefined && MAPPING_TYPES.has(type)
    if (isMapped) continue
    report.warning('MANIFEST_FIELD_UNUSED', ['authentication', 'fields', index], {
      message: `The field "${name}" is never sent.`,
      hint: `Add "mapping", or use {${name}} in an address, unless the app's own code reads it.`,
    })
  }
}
