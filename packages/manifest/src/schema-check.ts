// Checks a value against the JSON Schema generated from the zod schemas. It understands exactly the
// keywords that those schemas produce; a test compares its verdicts with ajv's and zod's.
import type { Finding } from './diagnostic.ts'
import {
  invalid,
  missing,
  notListed,
  type Place,
  unknownProperty,
  wrongKey,
  wrongType,
} from './schema-findings.ts'

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

/** Everything that is wrong with the value. */
export function checkSchema(schema: JsonSchema, value: unknown): Finding[] {
  const findings: Finding[] = []
  checkNode({ root: schema, findings, place: undefined }, schema, value)
  return findings
}

interface Check {
  readonly root: JsonSchema
  readonly findings: Finding[]
  readonly place: Place | undefined
}

type JsonObject = Record<string, unknown>

function checkNode(check: Check, node: JsonSchema, value: unknown): void {
  const schema = resolve(check.root, node)
  const { type } = schema
  if (schema.oneOf) checkTagged(check, schema.oneOf, value)
  else if (schema.anyOf) checkAlternatives(check, schema.anyOf, value)
  else if (schema.const !== undefined || schema.enum) checkListed(check, schema, value)
  else if (type === undefined) return
  else if (!isOfType(value, type))
    check.findings.push(wrongType(check.place, value, typeText(type)))
  else if (type === 'string') checkString(check, schema, value as string)
  else if (type === 'object') checkObject(check, schema, value as JsonObject)
  else if (type === 'array') checkArray(check, schema, value as unknown[])
  else if (type === 'integer') checkInteger(check, schema, value as number)
}

function checkChild(check: Check, node: JsonSchema, key: string | number, value: unknown): void {
  const { root, findings, place } = check
  const schema = resolve(root, node)
  if (typeof value === 'string' && isPlainString(schema, value)) return
  checkNode({ root, findings, place: { parent: place, key } }, schema, value)
}

/** Most values are texts that fit: they need no place to report. */
function isPlainString(
  { type, minLength = 0, pattern, enum: list, const: only }: JsonSchema,
  value: string,
) {
  if (only !== undefined) return only === value
  if (list) return list.includes(value)
  return type === 'string' && value.length >= minLength && (!pattern || regExp(pattern).test(value))
}

function checkObject(check: Check, schema: JsonSchema, value: JsonObject): void {
  const { findings, place } = check
  const properties = schema.properties ?? {}
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(value, name)) findings.push(missing(name, place))
  for (const key of Object.keys(value)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (property) checkChild(check, property, key, value[key])
    else if (schema.additionalProperties === false) {
      const free = Object.keys(properties).filter((name) => !Object.hasOwn(value, name))
      findings.push(unknownProperty({ parent: place, key }, free))
    } else checkFreeProperty(check, schema, { key, value: value[key] })
  }
}

function checkFreeProperty(
  check: Check,
  schema: JsonSchema,
  { key, value }: { key: string; value: unknown },
): void {
  const { pattern, minLength = 0 } = schema.propertyNames ?? {}
  const isWrong = pattern === undefined ? key.length < minLength : !regExp(pattern).test(key)
  if (isWrong)
    check.findings.push(wrongKey({ parent: check.place, key }, pattern ?? 'a non-empty name'))
  const { additionalProperties } = schema
  if (typeof additionalProperties === 'object') checkChild(check, additionalProperties, key, value)
}

function checkArray(check: Check, schema: JsonSchema, value: unknown[]): void {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema
  if (value.length < minItems)
    check.findings.push(invalid(check.place, `needs at least ${minItems} entry`, 'Add an entry.'))
  if (value.length > maxItems)
    check.findings.push(invalid(check.place, `has more than ${maxItems} entries`, 'Remove some.'))
  if (items) for (const [index, item] of value.entries()) checkChild(check, items, index, item)
}

function checkString(check: Check, { minLength = 0, pattern }: JsonSchema, value: string): void {
  if (value.length < minLength) check.findings.push(invalid(check.place, 'is empty', 'Fill it in.'))
  else if (pattern && !regExp(pattern).test(value))
    check.findings.push(
      invalid(check.place, 'does not have the right form', `It matches ${pattern}.`),
    )
}

function checkInteger(check: Check, schema: JsonSchema, value: number): void {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema
  if (value < minimum || value > maximum)
    check.findings.push(
      invalid(check.place, 'is out of range', `It is from ${minimum} to ${maximum}.`),
    )
}

function checkListed(check: Check, schema: JsonSchema, value: unknown): void {
  const isAllowed = schema.enum ? schema.enum.includes(value) : schema.const === value
  if (!isAllowed) check.findings.push(notListed(check.place, value, schema.enum ?? [schema.const]))
}

/** `oneOf` in our schemas is always a union told apart by `type`. */
function checkTagged(check: Check, branches: readonly JsonSchema[], value: unknown): void {
  const { root, findings, place } = check
  if (!isObject(value)) {
    findings.push(wrongType(place, value, 'object'))
    return
  }
  const tagOf = (branch: JsonSchema) => resolve(root, branch).properties?.type?.const
  const branch = branches.find((candidate) => tagOf(candidate) === value.type)
  if (branch) checkNode(check, branch, value)
  else if (Object.hasOwn(value, 'type'))
    findings.push(notListed({ parent: place, key: 'type' }, value.type, branches.map(tagOf)))
  else findings.push(missing('type', place))
}

/** `anyOf` in our schemas is always told apart by the JSON type. */
function checkAlternatives(check: Check, options: readonly JsonSchema[], value: unknown): void {
  const match = options.find((option) => isOfType(value, resolve(check.root, option).type))
  if (match) {
    checkNode(check, match, value)
    return
  }
  const types = options.map((option) => typeText(resolve(check.root, option).type ?? 'anything'))
  check.findings.push(wrongType(check.place, value, types.join(' or ')))
}

function resolve(root: JsonSchema, node: JsonSchema): JsonSchema {
  if (!node.$ref) return node
  return root.$defs?.[node.$ref.slice('#/$defs/'.length)] ?? node
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOfType(value: unknown, type: string | readonly string[] = ''): boolean {
  if (typeof type !== 'string') return type.some((one) => isOfType(value, one))
  switch (type) {
    case 'object':
      return isObject(value)
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

function typeText(type: string | readonly string[]): string {
  return typeof type === 'string' ? type : type.join(' or ')
}

const expressions = new Map<string, RegExp>()

/** Patterns come from our own schemas only, so this holds a handful. */
function regExp(pattern: string): RegExp {
  const known = expressions.get(pattern)
  if (known) return known
  const expression = new RegExp(pattern)
  expressions.set(pattern, expression)
  return expression
}
