import { patternProblem } from '../../src/linear-pattern.ts'
import type { Declared, Provider } from './provider.ts'
import { nameOf } from './translate-template.ts'

type Loose = Record<string, unknown>

const FORMATS = new Set(['hostname', 'uuid', 'email', 'uri'])

/** One field of ours for every value that the entry asks for or uses. */
export function convertFields(
  provider: Provider,
  used: ReadonlySet<string>,
  authentication: Loose,
): Loose[] {
  const declared = new Map<string, Declared>()
  for (const [name, value] of Object.entries({
    ...provider.connection_config,
    ...provider.credentials,
  }))
    if (!value.automated) declared.set(nameOf(name), value)
  for (const name of used) if (!declared.has(name)) declared.set(name, {})
  return [...declared].map(([name, value]) => convertField(name, value, authentication))
}

function convertField(name: string, value: Declared, authentication: Loose): Loose {
  const { default_value, hidden, pattern, format } = value
  const isBasic =
    authentication.type === 'basic_auth' && (name === 'username' || name === 'password')
  const isHidden = hidden === true && default_value !== undefined && default_value !== ''
  return {
    name,
    label: value.title || name,
    type: isHidden ? 'hidden' : format === 'email' ? 'email' : value.secret ? 'password' : 'text',
    ...(isBasic && { mapping: name }),
    ...(pattern !== undefined && patternProblem(pattern) === undefined && { pattern }),
    ...(format !== undefined && FORMATS.has(format) && { format }),
    ...(value.enum && { enum: value.enum }),
    ...((value.optional || (hidden && !isHidden)) && { optional: true }),
    ...(default_value !== undefined && default_value !== '' && { default: String(default_value) }),
  }
}
