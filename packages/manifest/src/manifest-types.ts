import type { AppManifest } from './app-manifest.ts'
import { checkManifest } from './check-arguments.ts'
import { capturedNames, fieldsOf } from './credentials.ts'

/**
 * TypeScript source that says of an `app.json` what `defineManifest` infers from a literal: the type of
 * `event.auth`, one property per field and token. For `app.json.d.ts` beside the document.
 */
export function manifestTypes(manifest: AppManifest): string {
  checkManifest(manifest)
  const name = pascalCase(manifest.app_id)
  const properties = authProperties(manifest).map(
    ({ name: property, isOptional, comment }) =>
      `${comment ? `  /** ${comment} */\n` : ''}  ${property}${isOptional ? '?' : ''}: string`,
  )
  const environments = Object.keys(manifest.api_base_uri).map((env) => JSON.stringify(env))
  return [
    `// Generated from the manifest of ${oneLine(manifest.name)} by mortise-manifest types. Do not edit.`,
    `import type { AppManifest } from '@mortise/manifest'`,
    '',
    `/** The values of an account of ${oneLine(manifest.name)}: \`event.auth\`. */`,
    `export interface ${name}Auth {`,
    ...properties,
    '}',
    '',
    `/** The environments of ${oneLine(manifest.name)}. */`,
    `export type ${name}Environment = ${environments.join(' | ')}`,
    '',
    `/** What the functions of ${oneLine(manifest.name)} receive. */`,
    `export interface ${name}Event<Input = unknown> {`,
    `  auth: ${name}Auth`,
    '  input: Input',
    '  meta: { baseURI: string; lastReqAt?: number }',
    '}',
    '',
    'declare const manifest: AppManifest',
    'export default manifest',
    '',
  ].join('\n')
}

interface AuthProperty {
  name: string
  isOptional: boolean
  comment: string
}

function authProperties(manifest: AppManifest): AuthProperty[] {
  const { authentication } = manifest
  const properties = fieldsOf(manifest).map(
    (field): AuthProperty => ({
      name: isIdentifier(field.name) ? field.name : JSON.stringify(field.name),
      isOptional: field.optional === true || field.default !== undefined,
      comment: oneLine(
        typeof field.label === 'string' ? field.label : (Object.values(field.label)[0] ?? ''),
      ),
    }),
  )
  const token = (name: string, comment: string): AuthProperty => ({
    name,
    isOptional: false,
    comment,
  })
  properties.push(
    ...capturedNames(manifest).map((name) =>
      token(name, 'Captured when the account was connected.'),
    ),
  )
  if (authentication.type === 'oauth_2' || authentication.type === 'two_step')
    properties.push(token('access_token', ''))
  return [...new Map(properties.map((property) => [property.name, property])).values()]
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name)
}

/** Nothing from a document may end the comment that it stands in. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, ' ').replaceAll('*/', '* /')
}

function pascalCase(id: string): string {
  const name = id
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
  return /^[A-Za-z]/.test(name) ? name : `App${name}`
}
