// Existing apps were written against several generations of the platform. Their documents are upgraded to
// the documented grammar on a copy; every step is a warning whose fix does the same to the text.
import { type DocumentPath, type Finding, formatPath } from './diagnostic.ts'
import { objectOf } from './rules/rule.ts'

type Loose = Record<string, unknown>

/** A document in the documented grammar, as far as that can be had, and what was done to get there. */
export interface UpgradedDocument {
  value: unknown
  findings: Finding[]
}

const AUTHENTICATION = 'authentication'

/** Properties of `authentication` that are found one level too high or too deep. */
const STRAYING = [
  'type',
  'fields',
  'basic_auth_format',
  'oauth_access_fields',
  'ping_request',
  'query_string',
]

/** Properties that once had a meaning. The host knows its redirect address; versions are the host's too. */
const ABANDONED: readonly DocumentPath[] = [
  ['version'],
  [AUTHENTICATION, 'oauth_access_fields', 'redirect_uri'],
]

const VERBS = /^(GET|POST|PUT|PATCH|DELETE|HEAD)$/i

/** Upgrades a copy of a document; what cannot be recognised is left for the schema to report. */
export function upgradeLegacyDocument(original: unknown): UpgradedDocument {
  const document = structuredClone(original) as Loose
  const findings: Finding[] = []
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return { value: document, findings }
  const upgrade = { document, findings }
  moveStraying(upgrade)
  moveAuthorizeParameters(upgrade)
  upgradePing(upgrade)
  for (const path of ABANDONED) dropAbandoned(upgrade, path)
  fillIdentity(document)
  return { value: document, findings }
}

interface Upgrade {
  document: Loose
  findings: Finding[]
}

function moveStraying(upgrade: Upgrade): void {
  const homes = [[], [AUTHENTICATION, 'ping_request'], [AUTHENTICATION, 'oauth_access_fields']]
  for (const home of homes) {
    for (const name of STRAYING) {
      const from = [...home, name]
      const to = [AUTHENTICATION, name]
      if (
        valueIn(upgrade.document, from) === undefined ||
        valueIn(upgrade.document, to) !== undefined
      )
        continue
      move(upgrade, from, to)
    }
  }
}

/** What nobody knows under `oauth_access_fields` used to go to the authorization address as it was. */
function moveAuthorizeParameters(upgrade: Upgrade): void {
  const home = [AUTHENTICATION, 'oauth_access_fields']
  for (const [name, value] of Object.entries(objectOf(valueIn(upgrade.document, home)))) {
    if (typeof value !== 'string' || !AUTHORIZE_PARAMETERS.has(name)) continue
    move(upgrade, [...home, name], [AUTHENTICATION, 'query_string', name])
  }
}

/** Parameters that providers document for their authorization address, besides the two of the grammar. */
export const AUTHORIZE_PARAMETERS: ReadonlySet<string> = new Set([
  'approval_prompt',
  'audience',
  'display',
  'duration',
  'hd',
  'include_granted_scopes',
  'login_hint',
  'nonce',
  'owner',
  'resource',
  'response_mode',
  'token_access_type',
  'user_scope',
])

function upgradePing(upgrade: Upgrade): void {
  const home = [AUTHENTICATION, 'ping_request']
  for (const name of ['method', 'uri']) {
    const value = valueIn(upgrade.document, [...home, name])
    if (typeof value !== 'string') continue
    const to = VERBS.test(value) ? 'http_method' : 'method_name'
    rename(upgrade, [...home, name], to, to === 'http_method' ? value.toUpperCase() : value)
  }
  for (const path of [
    [AUTHENTICATION, 'status'],
    [...home, 'status'],
  ])
    upgradeStatus(upgrade, path)
  const ping = valueIn(upgrade.document, home)
  if (typeof ping === 'object' && ping !== null && Object.keys(ping).length === 0) {
    remove(upgrade.document, home)
    upgrade.findings.push({
      ...deprecated(home, 'is empty', 'Remove it, or say which request to send.'),
      fix: { description: 'Remove it', changes: [{ remove: home }] },
    })
  }
}

/** `status {field, value}` was how an API that answers 200 to everything told success. */
function upgradeStatus(upgrade: Upgrade, path: DocumentPath): void {
  const { field, value } = objectOf(valueIn(upgrade.document, path))
  if (typeof field !== 'string') return
  const to = [AUTHENTICATION, 'ping_request', 'expect']
  const expect = { path: field, ...(value !== undefined && { equals: value }) }
  remove(upgrade.document, path)
  put(upgrade.document, to, expect)
  upgrade.findings.push({
    ...deprecated(path, 'is written differently now', `Write it as ${formatPath(to)}.`),
    fix: {
      description: `Move it to ${formatPath(to)}`,
      changes: [{ remove: path }, { set: to, value: expect }],
    },
  })
}

function dropAbandoned(upgrade: Upgrade, path: DocumentPath): void {
  if (valueIn(upgrade.document, path) === undefined) return
  remove(upgrade.document, path)
  upgrade.findings.push({
    ...deprecated(path, 'has no meaning any more', 'Remove it.'),
    fix: { description: 'Remove it', changes: [{ remove: path }] },
  })
}

/** What a host can do without; that it is missing is reported by the schema all the same. */
function fillIdentity(document: Loose): void {
  if (typeof document.color === 'string' && /^#[0-9a-f]{3}$/i.test(document.color))
    document.color = document.color.replace(/[0-9a-f]/gi, (digit) => digit + digit)
}

function move(upgrade: Upgrade, from: DocumentPath, to: DocumentPath): void {
  const value = valueIn(upgrade.document, from)
  remove(upgrade.document, from)
  put(upgrade.document, to, value)
  upgrade.findings.push({
    code: 'MANIFEST_PROPERTY_MISPLACED',
    severity: 'warning',
    path: from,
    at: 'key',
    message: `${formatPath(from)} stands in the wrong place.`,
    hint: `Move it to ${formatPath(to)}.`,
    fix: {
      description: `Move it to ${formatPath(to)}`,
      changes: [{ remove: from }, { set: to, value }],
    },
  })
}

function rename(upgrade: Upgrade, from: DocumentPath, to: string, value: unknown): void {
  const home = from.slice(0, -1)
  const isTaken = valueIn(upgrade.document, [...home, to]) !== undefined
  remove(upgrade.document, from)
  if (!isTaken) put(upgrade.document, [...home, to], value)
  upgrade.findings.push({
    ...deprecated(from, `is called "${to}" now`, `Rename it to "${to}".`),
    at: 'key',
    fix: isTaken
      ? { description: 'Remove it', changes: [{ remove: from }] }
      : { description: `Rename it to "${to}"`, changes: [{ rename: from, to }] },
  })
}

function deprecated(path: DocumentPath, what: string, hint: string): Finding {
  return {
    code: 'MANIFEST_PROPERTY_DEPRECATED',
    severity: 'warning',
    path,
    message: `${formatPath(path)} ${what}.`,
    hint,
  }
}

/** The value at a path; `undefined` when there is none. */
export function valueIn(document: unknown, path: DocumentPath): unknown {
  let current = document
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key))
      return undefined
    current = (current as Record<string | number, unknown>)[key]
  }
  return current
}

/** Takes a property or list entry out of a document. */
export function remove(document: unknown, path: DocumentPath): void {
  const parent = valueIn(document, path.slice(0, -1))
  const key = path.at(-1)
  if (key !== undefined && typeof parent === 'object' && parent !== null)
    Reflect.deleteProperty(parent, key)
}

function put(document: Loose, path: DocumentPath, value: unknown): void {
  let current: Loose = document
  for (const key of path.slice(0, -1)) {
    if (typeof current[key] !== 'object' || current[key] === null) current[key] = {}
    current = current[key] as Loose
  }
  const key = path.at(-1)
  if (key !== undefined) current[key] = value
}
