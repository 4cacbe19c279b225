import { formatPath } from '../diagnostic.ts'
import { checkHeaders, checkTexts } from './authentication-rules.ts'
import { objectOf, type RuleContext, textOf } from './rule.ts'
import { checkTemplate, checkUrlTemplate } from './url-rules.ts'

const ROOT = ['authentication', 'ping_request'] as const

/** A ping that can be sent and says what it expects. */
export function checkPing(document: Readonly<Record<string, unknown>>, context: RuleContext): void {
  const declared = objectOf(document.authentication).ping_request
  if (declared === undefined) return
  const ping = objectOf(declared)
  const { names } = context
  checkPath(ping, context, names.fields)
  checkUrlTemplate(ping.base_uri, [...ROOT, 'base_uri'], context, names.fields)
  checkHeaders(ping.headers, [...ROOT, 'headers'], context, names.request)
  checkTexts(ping.params, [...ROOT, 'params'], context, names.request)
  const expect = objectOf(ping.expect)
  if (expect.equals !== undefined && expect.path === undefined)
    context.report.error('MANIFEST_PROPERTY_MISSING', [...ROOT, 'expect', 'path'], {
      message: `${formatPath([...ROOT, 'expect'])} says what to expect, but not where.`,
      hint: 'Add "path".',
    })
  const verb = ping.http_method ?? 'GET'
  if (ping.body !== undefined && (verb === 'GET' || verb === 'HEAD'))
    context.report.error('MANIFEST_PROPERTY_CONFLICT', [...ROOT, 'body'], {
      message: `${formatPath([...ROOT, 'body'])} cannot be sent with ${String(verb)}.`,
      hint: 'Add "http_method": "POST".',
    })
}

function checkPath(
  ping: Readonly<Record<string, unknown>>,
  context: RuleContext,
  names: ReadonlySet<string>,
): void {
  const { report } = context
  if (ping.path !== undefined && ping.method_name !== undefined)
    report.error('MANIFEST_PROPERTY_CONFLICT', [...ROOT, 'path'], {
      message: `${formatPath(ROOT)} has both "path" and "method_name", which mean the same.`,
      hint: 'Keep one.',
      fix: { description: 'Remove "path"', changes: [{ remove: [...ROOT, 'path'] }] },
    })
  const name = ping.path === undefined ? 'method_name' : 'path'
  const path = textOf(ping[name])
  if (path === undefined) {
    if (ping[name] === undefined)
      report.error('MANIFEST_PROPERTY_MISSING', [...ROOT, 'method_name'], {
        message: `${formatPath([...ROOT, 'method_name'])} is missing.`,
        hint: 'Add the path under the base URI, e.g. /users/me.',
      })
  } else if (/^([a-z][a-z0-9+.-]*:)?\/\//i.test(path)) {
    report.error('MANIFEST_URL_INVALID', [...ROOT, name], {
      message: `${formatPath([...ROOT, name])} is a whole address instead of a path.`,
      hint: 'Write the path, and the rest as "base_uri".',
    })
  } else checkTemplate(path, [...ROOT, name], context, names)
}
