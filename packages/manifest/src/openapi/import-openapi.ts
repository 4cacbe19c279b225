import { objectOf, textOf } from '../rules/rule.ts'
import { importScheme } from './security-schemes.ts'

/** What to take from the description of an API. */
export interface ImportOpenApiOptions {
  /** Name of the security scheme. Default: the first that can be expressed. */
  scheme?: string
  /** The app's id. Default: made from the title. */
  appId?: string
}

/** A first draft of a manifest, and what it cannot know. */
export interface ImportedManifest {
  /** The document, to be completed by hand; `parseManifest` lists what is missing. */
  document: Record<string, unknown>
  /** What could not be taken over, in words. */
  notes: string[]
}

type Loose = Readonly<Record<string, unknown>>

/**
 * Drafts a manifest from an OpenAPI 3.x or Swagger 2.0 document that is already parsed: servers become
 * environments, server variables fields, the security scheme the authentication.
 *
 * @throws {TypeError} when the value is no OpenAPI document: the caller's mistake.
 */
export function importOpenApi(
  description: unknown,
  options: ImportOpenApiOptions = {},
): ImportedManifest {
  const source = objectOf(description)
  if (textOf(source.openapi) === undefined && textOf(source.swagger) === undefined)
    throw new TypeError(
      'importOpenApi needs a parsed OpenAPI document: it has neither "openapi" nor "swagger".',
    )
  const notes: string[] = []
  const info = objectOf(source.info)
  const name = textOf(info.title)?.trim() ?? 'Unnamed API'
  const { environments, fields } = importServers(source, notes)
  const authentication = importSecurity(source, { notes, fields, wanted: options.scheme })
  const website =
    textOf(objectOf(info.contact).url) ?? textOf(objectOf(source.externalDocs).url) ?? ''
  const summary = textOf(info.summary) ?? textOf(info.description)?.split(/\n\s*\n/)[0] ?? ''
  notes.push('Complete color, website, signup_url and the descriptions by hand.')
  return {
    document: {
      app_id: options.appId ?? toId(name),
      name,
      color: '#000000',
      description: { pt_BR: '', en: summary.replace(/\s+/g, ' ').trim() },
      website,
      signup_url: website,
      api_base_uri: environments,
      authentication,
    },
    notes,
  }
}

function importServers(source: Loose, notes: string[]) {
  const servers = Array.isArray(source.servers)
    ? source.servers.map(objectOf)
    : [swaggerServer(source)]
  const environments: Record<string, unknown> = {}
  const fields: Record<string, unknown>[] = []
  for (const [index, server] of servers.entries()) {
    const url = textOf(server.url)
    if (url === undefined) continue
    const label = textOf(server.description) ?? 'Production'
    const guess = /sandbox|staging|test|dev/i.exec(`${label} ${url}`)?.[0].toLowerCase()
    const wanted = index === 0 ? 'production' : (guess ?? `environment_${index + 1}`)
    const key = wanted in environments ? `${wanted}_${index + 1}` : wanted
    const variables = Object.entries(objectOf(server.variables))
    const uri = variables.reduce(
      (text, [name]) => text.replaceAll(`{${name}}`, `{${toId(name)}}`),
      url,
    )
    environments[key] = { uri, label, ...(index === 0 && { default: true }) }
    for (const [name, variable] of variables)
      if (!fields.some((field) => field.name === toId(name)))
        fields.push(variableField(toId(name), objectOf(variable)))
    if (!/^(https?:\/\/|\{)/.test(url))
      notes.push(`The server "${url}" is relative: complete its address.`)
  }
  if (Object.keys(environments).length === 0) notes.push('The document names no server.')
  return { environments, fields }
}

function swaggerServer(source: Loose): Loose {
  const host = textOf(source.host)
  const scheme =
    Array.isArray(source.schemes) && !source.schemes.includes('https') ? 'http' : 'https'
  return host === undefined ? {} : { url: `${scheme}://${host}${textOf(source.basePath) ?? ''}` }
}

function variableField(name: string, variable: Loose): Record<string, unknown> {
  const fallback = textOf(variable.default)
  const options = Array.isArray(variable.enum)
    ? variable.enum.filter((value) => typeof value === 'string')
    : []
  return {
    name,
    label: textOf(variable.description) ?? name,
    type: 'text',
    secret: false,
    ...(options.length > 0 && { enum: options }),
    ...(fallback !== undefined && { default: fallback }),
  }
}

function importSecurity(
  source: Loose,
  context: { notes: string[]; fields: Record<string, unknown>[]; wanted: string | undefined },
): Record<string, unknown> {
  const { notes, fields, wanted } = context
  const declared = objectOf(
    objectOf(source.components).securitySchemes ?? source.securityDefinitions,
  )
  const entries = Object.entries(declared).filter(
    ([name]) => wanted === undefined || name === wanted,
  )
  if (wanted !== undefined && entries.length === 0)
    notes.push(`There is no security scheme "${wanted}".`)
  for (const [name, scheme] of entries) {
    const imported = importScheme(objectOf(scheme))
    if (typeof imported === 'string') {
      notes.push(`The security scheme "${name}" ${imported}.`)
      continue
    }
    const own = Array.isArray(imported.fields) ? imported.fields : []
    const all = [...fields, ...own]
    return { ...imported, ...(all.length > 0 && { fields: all }) }
  }
  return { type: 'no_auth', ...(fields.length > 0 && { fields }) }
}

/** Lower case, `_` for everything that is neither letter nor digit. */
export function toId(text: string): string {
  const id = text
    .normalize('NFD')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
  return id === '' ? 'app' : id
}
