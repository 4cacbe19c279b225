import { Inexpressible } from './provider.ts'

/** Our name of a value: lower case with underscores. */
export function nameOf(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
    .replace(/^_+|_+$/g, '')
}

const VALUE =
  /\$\{(?:connectionConfig|credentials|integration_config|metadata|step\d+)\.([\w.-]+)\}|\$\{(apiKey|username|password|accessToken|access_token|clientId|clientSecret|client_id|client_secret)\}/g
const OWN_NAMES: Readonly<Record<string, string>> = { accessToken: 'access_token' }

/** Writes a template of the catalogue in our grammar and notes the names it uses. */
export function translateTemplate(template: string, names: Set<string>): string {
  const literal = template.replace(/(?<!\$)\{(?=\w+\})/g, '{{')
  const filled = literal.replace(
    VALUE,
    (_match, configured: string | undefined, plain: string | undefined) => {
      const name = nameOf(OWN_NAMES[plain ?? ''] ?? configured ?? plain ?? '')
      names.add(name)
      return `{${name}}`
    },
  )
  const translated = filled.replace(/\$\{base64\(((?:[^$]|\$(?!\{))*?)\)\}/g, '{base64($1)}')
  const left = /\$\{[^}]*\}?/.exec(translated)
  if (left)
    throw new Inexpressible(`the template ${left[0].replace(/[^\w${}(.]/g, '').slice(0, 40)}`)
  return translated
}

/** The same for every text in a tree. */
export function translateTree(value: unknown, names: Set<string>): unknown {
  if (typeof value === 'string') return translateTemplate(value, names)
  if (Array.isArray(value)) return value.map((item) => translateTree(item, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, translateTree(item, names)]),
  )
}

/** The same for a map of texts. */
export function translateMap(
  map: Readonly<Record<string, unknown>> | undefined,
  names: Set<string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map ?? {}).map(([key, value]) => [key, translateTemplate(String(value), names)]),
  )
}
