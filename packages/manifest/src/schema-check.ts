// Checks a value against the JSON Schema generated from the zod schemas. It understands exactly the
// keywords that those schemas produce; a test compares its verdicts with ajv's and zod's.
import { closestName } from './closest-name.ts'
import { type DocumentPath, type Finding, formatPath } from './diagnostic.ts'

/** The part of JSON Schema that our own schemas use. */
export interface JsonSchema {
  readonly description?: string
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
}

/** Everything that is wrong with the value, in document order of the schema. */
export function checkSchema(schema: JsonSchema, value: unknown): Finding[] {
  const findings: Finding[] = []
  checkNode({ root: schema, findings }, schema, value, [])
  return findings
}

interface Check {
  root: JsonSchema
  findings: Finding[]
}

function checkNode(check: Check, node: JsonSchema, value: unknown, path: DocumentPath): void {
  const schema = resolve(check.root, node)
  if (schema.oneOf) checkTagged(check, schema.oneOf, value, path)
  else if (schema.anyOf) checkAlternatives(check, schema.anyOf, value, path)
  else if (schema.const !== undefined || schema.enum) checkListed(check, schema, value, path)
  else if (schema.type === undefined) return
  else if (!isOfType(value, schema.type)) wrongType(check, schema.type, value, path)
  else if (schema.type === 'string') checkString(check, schema, value as string, path)
  else if (schema.type === 'object') checkObject(check, schema, value as JsonObject, path)
  else if (schema.type === 'array') checkArray(check, schema, value as unknown[], path)
  else if (schema.type === 'integer') checkInteger(check, schema, value as number, path)
}

type JsonObject = Record<string, unknown>

function checkObject(check: Check, schema: JsonSchema, value: JsonObject, path: DocumentPath) {
  const properties = schema.properties ?? {}
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) missing(check, name, path)
  }
  for (const key of Object.keys(value)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    const keyPath = [...path, key]
    if (property) checkNode(check, property, value[key], keyPath)
    else if (schema.additionalProperties === false)
      unknownKey(check, key, { properties, value, path })
    else {
      const names = schema.propertyNames
      if (names?.pattern && !regExp(names.pattern).test(key))
        wrongKey(check, names.pattern, keyPath)
      else if (names?.minLength && key === '') wrongKey(check, 'a non-empty name', keyPath)
      if (typeof schema.additionalProperties === 'object')
        checkNode(check, schema.additionalProperties, value[key], keyPath)
    }
  }
}

function checkArray(check: Check, schema: JsonSchema, value: unknown[], path: DocumentPath): void {
  if (value.length < (schema.minItems ?? 0))
    invalid(check, path, `needs at least ${schema.minItems} entry`, 'Add an entry.')
  if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY))
    invalid(check, path, `has more than ${schema.maxItems} entries`, 'Remove some.')
  if (!schema.items) return
  for (const [index, item] of value.entries())
    checkNode(check, schema.items, item, [...path, index])
}

function checkString(check: Check, schema: JsonSchema, value: string, path: DocumentPath): void {
  if (value.length < (schema.minLength ?? 0)) invalid(check, path, 'is empty', 'Fill it in.')
  else if (schema.pattern && !regExp(schema.pattern).test(value))
    invalid(check, path, 'does not have the right form', `It matches ${schema.pattern}.`)
}

function checkInteger(check: Check, schema: JsonSchema, value: number, path: DocumentPath): void {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema
  if (value < minimum || value > maximum)
    invalid(check, path, 'is out of range', `It is from ${minimum} to ${maximum}.`)
}

function checkListed(check: Check, schema: JsonSchema, value: unknown, path: DocumentPath): void {
  const allowed = schema.enum ?? [schema.const]
  if (allowed.includes(value)) return
  const near = typeof value === 'string' ? closestName(value, allowed.filter(isString)) : undefined
  const list = allowed.map((entry) => JSON.stringify(entry)).join(', ')
  check.findings.push({
    code: 'MANIFEST_VALUE_INVALID',
    severity: 'error',
    path,
    message: `${formatPath(path)} is not one of the values allowed.`,
    hint: near ? `Did you mean "${near}"? It is one of ${list}.` : `It is one of ${list}.`,
    fix: near
      ? { description: `Write "${near}"`, changes: [{ set: path, value: near }] }
      : undefined,
  })
}

/** `oneOf` in our schemas is always a union told apart by `type`. */
function checkTagged(
  check: Check,
  branches: readonly JsonSchema[],
  value: unknown,
  path: DocumentPath,
) {
  if (!isObject(value)) {
    wrongType(check, 'object', value, path)
    return
  }
  const resolved = branches.map((branch) => resolve(check.root, branch))
  const branch = resolved.find((candidate) => candidate.properties?.type?.const === value.type)
  if (branch || !Object.hasOwn(value, 'type')) {
    if (branch) checkNode(check, branch, value, path)
    else missing(check, 'type', path)
    return
  }
  const tags = resolved.map((candidate) => candidate.properties?.type?.const)
  checkListed(check, { enum: tags }, value.type, [...path, 'type'])
}

/** `anyOf` in our schemas is always told apart by the JSON type. */
function checkAlternatives(
  check: Check,
  options: readonly JsonSchema[],
  value: unknown,
  path: DocumentPath,
) {
  const match = options.find((option) => isOfType(value, resolve(check.root, option).type))
  if (match) checkNode(check, match, value, path)
  else
    wrongType(check, options.map((option) => option.type ?? 'anything').join(' or '), value, path)
}

function missing(check: Check, name: string, path: DocumentPath): void {
  check.findings.push({
    code: 'MANIFEST_PROPERTY_MISSING',
    severity: 'error',
    path: [...path, name],
    message: `${formatPath([...path, name])} is missing.`,
    hint: `Add "${name}".`,
  })
}

interface UnknownKeyPlace {
  properties: Readonly<Record<string, JsonSchema>>
  value: JsonObject
  path: DocumentPath
}

function unknownKey(check: Check, key: string, { properties, value, path }: UnknownKeyPlace): void {
  const free = Object.keys(properties).filter((name) => !Object.hasOwn(value, name))
  const near = closestName(key.slice(0, 64), free)
  check.findings.push({
    code: 'MANIFEST_PROPERTY_UNKNOWN',
    severity: 'error',
    path: [...path, key],
    at: 'key',
    message: `${formatPath([...path, key])} is not a known property.`,
    hint: near ? `Did you mean "${near}"?` : 'Remove it, or look up its name in the README.',
    fix: near
      ? { description: `Rename it to "${near}"`, changes: [{ rename: [...path, key], to: near }] }
      : undefined,
  })
}

function wrongKey(check: Check, pattern: string, path: DocumentPath): void {
  check.findings.push({
    code: 'MANIFEST_KEY_INVALID',
    severity: 'error',
    path,
    at: 'key',
    message: `The name ${formatPath(path)} does not have the right form.`,
    hint: `It matches ${pattern}.`,
  })
}

function wrongType(
  check: Check,
  type: string | readonly string[],
  value: unknown,
  path: DocumentPath,
): void {
  const wanted = typeof type === 'string' ? type : type.join(' or ')
  check.findings.push({
    code: 'MANIFEST_TYPE_INVALID',
    severity: 'error',
    path,
    message: `${formatPath(path)} is ${typeName(value)}, but must be of type ${wanted}.`,
    hint: `Write a value of type ${wanted}.`,
  })
}

function invalid(check: Check, path: DocumentPath, problem: string, hint: string): void {
  check.findings.push({
    code: 'MANIFEST_VALUE_INVALID',
    severity: 'error',
    path,
    message: `${formatPath(path)} ${problem}.`,
    hint,
  })
}

function resolve(root: JsonSchema, node: JsonSchema): JsonSchema {
  if (!node.$ref) return node
  return root.$defs?.[node.$ref.slice('#/$defs/'.length)] ?? node
}

function isOfType(value: unknown, type: string | readonly string[] = ''): boolean {
  if (typeof type !== 'string') return type.some((one) => isOfType(value, one))
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isSafeInteger(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}

function isObject(value: unknown): value is JsonObject {
  return isOfType(value, 'object')
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

const expressions = new Map<string, RegExp>()

/** Patterns come from our own schema only, so this holds a handful. */
function regExp(pattern: string): RegExp {
  const known = expressions.get(pattern)
  if (known) return known
  const expression = new RegExp(pattern)
  expressions.set(pattern, expression)
  return expression
}
