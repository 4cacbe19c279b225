import { formatPath } from '../diagnostic.ts'
import { headerNameProblem, headerValueProblem } from '../header-value.ts'
import { listOf, objectOf, type RuleContext, textOf } from './rule.ts'
import { checkTemplate, checkUrlTemplate } from './url-rules.ts'

type Loose = Readonly<Record<string, unknown>>
const ROOT = 'authentication'

/** Basic format, request templates, token placement and the steps of a token exchange. */
export function checkAuthentication(document: Loose, context: RuleContext): void {
  const authentication = objectOf(document[ROOT])
  const { names } = context
  checkBasicFormat(authentication, context)
  checkHeaders(
    objectOf(authentication.request).headers,
    [ROOT, 'request', 'headers'],
    context,
    names.request,
  )
  checkTexts(
    objectOf(authentication.request).query,
    [ROOT, 'request', 'query'],
    context,
    names.request,
  )
  if (authentication.type === 'two_step') {
    checkTokenPlacement(authentication, [ROOT], context, names.request)
    checkTokenSteps(authentication, context, names.token)
  }
}

function checkBasicFormat(authentication: Loose, context: RuleContext): void {
  const format = textOf(authentication.basic_auth_format)
  if (format === undefined || authentication.type !== 'basic_auth') return
  const path = [ROOT, 'basic_auth_format']
  const isUsable = checkTemplate(format, path, context, new Set(['username', 'password']))
  if (isUsable && !format.includes('{username}'))
    context.report.error('MANIFEST_PLACEHOLDER_MISSING', path, {
      message: `${formatPath(path)} does not contain {username}.`,
      hint: 'The default is {username}:{password}.',
    })
}

/** Headers whose values are templates. */
export function checkHeaders(
  value: unknown,
  path: readonly string[],
  context: RuleContext,
  names: ReadonlySet<string>,
) {
  checkTexts(value, path, context, names)
  for (const [name, template] of Object.entries(objectOf(value))) {
    const problem = headerNameProblem(name)
    if (problem)
      context.report.error('MANIFEST_MAPPING_INVALID', [...path, name], {
        message: `${formatPath([...path, name])} ${problem}.`,
        hint: 'Remove it or correct its name.',
        at: 'key',
      })
    const valueProblem = typeof template === 'string' ? headerValueProblem(template) : undefined
    if (valueProblem)
      context.report.error('MANIFEST_VALUE_INVALID', [...path, name], {
        message: `${formatPath([...path, name])} ${valueProblem}.`,
        hint: 'Correct the value.',
      })
  }
}

/** A tree of templates. */
export function checkTexts(
  value: unknown,
  path: readonly (string | number)[],
  context: RuleContext,
  names: ReadonlySet<string>,
): void {
  if (typeof value === 'string') checkTemplate(value, path, context, names)
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkTexts(item, [...path, index], context, names)
  else
    for (const [key, item] of Object.entries(objectOf(value)))
      checkTexts(item, [...path, key], context, names)
}

/** Properties that have a meaning with one placement only. */
const BELONGING = [
  ['access_token_on_query_string_replacement', 'query_string'],
  ['access_token_header', 'header'],
  ['access_token_format', 'header'],
] as const

/** The properties that belong to one placement only. */
export function checkTokenPlacement(
  holder: Loose,
  path: readonly string[],
  context: RuleContext,
  names: ReadonlySet<string>,
) {
  const { report } = context
  const placement = holder.access_token_placement
  for (const [name, owner] of BELONGING) {
    if (holder[name] === undefined || placement === owner) continue
    report.error('MANIFEST_PROPERTY_CONFLICT', [...path, name], {
      message: `${formatPath([...path, name])} has a meaning only with "access_token_placement": "${owner}".`,
      hint: 'Remove it or change the placement.',
      fix: { description: 'Remove it', changes: [{ remove: [...path, name] }] },
    })
  }
  if (placement === 'query_string')
    report.warning('MANIFEST_TOKEN_IN_QUERY', [...path, 'access_token_placement'], {
      message: 'A token in the query string ends up in logs and browser histories.',
      hint: 'Use header_bearer if the API accepts it.',
    })
  const header = textOf(holder.access_token_header)
  if (placement === 'header' && header === undefined)
    report.error('MANIFEST_PROPERTY_MISSING', [...path, 'access_token_header'], {
      message: `${formatPath([...path, 'access_token_header'])} is missing.`,
      hint: 'Name the header that carries the token.',
    })
  const problem = header === undefined ? undefined : headerNameProblem(header)
  if (problem)
    report.error('MANIFEST_MAPPING_INVALID', [...path, 'access_token_header'], {
      message: `${formatPath([...path, 'access_token_header'])} ${problem}.`,
      hint: 'Name a header such as X-Api-Token.',
    })
  const format = textOf(holder.access_token_format)
  if (format !== undefined) checkTemplate(format, [...path, 'access_token_format'], context, names)
}

function checkTokenSteps(
  authentication: Loose,
  context: RuleContext,
  names: ReadonlySet<string>,
): void {
  for (const [index, step] of listOf(authentication.token_requests).map(objectOf).entries()) {
    const path = [ROOT, 'token_requests', index] as const
    checkUrlTemplate(step.url, [...path, 'url'], context, names)
    checkHeaders(step.headers, [ROOT, 'token_requests', String(index), 'headers'], context, names)
    checkTexts(step.query, [...path, 'query'], context, names)
    checkTexts(step.body, [...path, 'body'], context, names)
  }
}
