import { objectOf, type RuleContext, textOf } from './rule.ts'
import { checkPlainUrl } from './url-rules.ts'

/** The document asks for "between 20 and 50 words". */
const DESCRIPTION_WORDS = { min: 20, max: 50 } as const

/** Descriptions in every language and of the right length, links that are links. */
export function checkIdentity(
  document: Readonly<Record<string, unknown>>,
  context: RuleContext,
): void {
  checkDescription(objectOf(document.description), 'description' in document, context)
  checkPlainUrl(document.website, ['website'], context)
  checkPlainUrl(document.signup_url, ['signup_url'], context)
}

function checkDescription(
  texts: Readonly<Record<string, unknown>>,
  isThere: boolean,
  context: RuleContext,
) {
  const { report } = context
  const written = Object.entries(texts).filter(([, text]) => textOf(text)?.trim())
  const locales = new Set(written.map(([locale]) => locale.replace('-', '_')))
  for (const locale of isThere ? context.locales : []) {
    if (locales.has(locale.replace('-', '_'))) continue
    report.strict('MANIFEST_LOCALE_MISSING', ['description', locale], {
      message: `The description is missing in "${locale}".`,
      hint: `Add a text of ${DESCRIPTION_WORDS.min} to ${DESCRIPTION_WORDS.max} words.`,
    })
  }
  for (const [locale, text] of written) {
    const words = countWords(String(text))
    if (words >= DESCRIPTION_WORDS.min && words <= DESCRIPTION_WORDS.max) continue
    report.warning('MANIFEST_DESCRIPTION_LENGTH', ['description', locale], {
      message: `The description in "${locale}" has ${words} words.`,
      hint: `Write ${DESCRIPTION_WORDS.min} to ${DESCRIPTION_WORDS.max} words.`,
    })
  }
}

/** Words as people count them: what stands between white space. */
function countWords(text: string): number {
  return text.trim().split(/\s+/).length
}
