import { closestName } from '../closest-name.ts'
import { type DocumentPath, formatPath } from '../diagnostic.ts'
import { isPrivateHost } from '../safe-url.ts'
import { renderTemplate, templateNames } from '../template.ts'
import { type RuleContext, textOf } from './rule.ts'

/** A link for people: absolute and `http(s)`. */
export function checkPlainUrl(value: unknown, path: DocumentPath, { report }: RuleContext): void {
  const text = textOf(value)
  if (text === undefined || isOrdinaryUrl(text)) return
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return
  report.strict('MANIFEST_URL_INVALID', path, {
    message: `${formatPath(path)} is not a web address.`,
    hint: 'Write an absolute address that begins with https://.',
  })
}

/** An address that credentials are sent to, possibly with `{field}` placeholders. */
export function checkUrlTemplate(
  value: unknown,
  path: DocumentPath,
  context: RuleContext,
  names: ReadonlySet<string>,
) {
  const template = textOf(value)
  if (template === undefined || !checkTemplate(template, path, context, names)) return
  if (isOrdinaryUrl(template)) return
  const { report } = context
  const sample = sampleUrl(template)
  const url = URL.canParse(sample) ? new URL(sample) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    report.error('MANIFEST_URL_INVALID', path, {
      message: `${formatPath(path)} is not a web address.`,
      hint: 'Write an absolute address that begins with https://.',
    })
  } else if (url.username !== '' || url.password !== '') {
    report.error('MANIFEST_URL_INVALID', path, {
      message: `${formatPath(path)} contains a user name or a password.`,
      hint: 'Credentials belong in fields.',
    })
  } else if (url.protocol === 'http:') {
    report.warning('MANIFEST_URL_INSECURE', path, {
      message: `${formatPath(path)} is not encrypted: everybody on the way can read the credentials.`,
      hint: 'Use https://. Requests to this address are refused unless the host allows it.',
    })
  } else if (isPrivateHost(url.hostname)) {
    report.warning('MANIFEST_URL_PRIVATE', path, {
      message: `${formatPath(path)} points into a private network.`,
      hint: 'Requests to it are refused unless the host allows it.',
    })
  }
}

/** Who has corrected so many in one template will see the others then. */
const MAX_UNKNOWN = 100

/** Placeholders that stand for something; answers whether the template can be filled. */
export function checkTemplate(
  template: string,
  path: DocumentPath,
  { report }: RuleContext,
  names: ReadonlySet<string>,
): boolean {
  let asked: string[]
  try {
    asked = templateNames(template)
  } catch {
    report.error('MANIFEST_TEMPLATE_INVALID', path, {
      message: `${formatPath(path)} opens {base64( without closing it.`,
      hint: 'Close it with )}.',
    })
    return false
  }
  const unknown = asked.filter((name) => !names.has(name)).slice(0, MAX_UNKNOWN)
  for (const name of unknown) {
    const near = closestName(name, names)
    report.error('MANIFEST_PLACEHOLDER_UNKNOWN', path, {
      message: `${formatPath(path)} uses {${name}}, but nothing has that name.`,
      hint: near
        ? `Did you mean {${near}}?`
        : `Add a field named "${name}", or write {{ for a brace.`,
      ...(near && {
        fix: {
          description: `Write {${near}}`,
          changes: [{ set: path, value: template.replaceAll(`{${name}}`, `{${near}}`) }],
        },
      }),
    })
  }
  return unknown.length === 0
}

const ORDINARY_URL = /^https:\/\/(?:[a-z0-9-]+\.)+([a-z]{2,})(?:\/[\w./~:#?=&%-]*)?$/

/** Ends of names that may be private: those take the closer look. */
const PRIVATE_TOP_LEVELS = new Set(['arpa', 'internal', 'intranet', 'lan', 'local', 'localhost'])

/** Recognises what needs no closer look: almost every address. */
function isOrdinaryUrl(text: string): boolean {
  const topLevel = ORDINARY_URL.exec(text)?.[1]
  return topLevel !== undefined && !PRIVATE_TOP_LEVELS.has(topLevel)
}

/** The address with harmless values, to judge everything but the values. */
function sampleUrl(template: string): string {
  const first = /^\{\w+\}(?<rest>.*)$/s.exec(template)?.groups?.rest
  if (first !== undefined) return `https://example.com/${renderTemplate(first, () => 'x')}`
  return renderTemplate(template, () => 'example.com')
}
