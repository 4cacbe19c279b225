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
  for (const locale of isThere ? context.locales : []) {
    if (hasText(texts, locale)) continue
    report.strict('MANIFEST_LOCALE_MISSING', ['description', locale], {
      message: `The description is missing in "${locale}".`,
      hint: `Add a text of ${DESCRIPTION_WORDS.min} to ${DESCRIPTION_WORDS.max} words.`,
    })
  }
  for (const locale of Object.keys(texts)) {
    const words = countWords(textOf(texts[locale]) ?? '')
    if (words === 0 || (words >= DESCRIPTION_WORDS.min && words <= DESCRIPTION_WORDS.max)) continue
    report.warning('MANIFEST_DESCRIPTION_LENGTH', ['description', locale], {
      message: `The description in "${locale}" has ${words} words.`,
      hint: `Write ${DESCRIPTION_WORDS.min} to ${DESCRIPTION_WORDS.max} words.`,
    })
  }
}

/** `pt_BR` and `pt-BR` are the same language. */
function hasText(texts: Readonly<Record<string, unknown>>, locale: string): boolean {
  const text = texts[locale] ?? texts[locale.replace('_', '-')] ?? texts[locale.replace('-', '_')]
  return textOf(text)?.trim() !== undefined && textOf(text)?.trim() !== ''
}

/** Words as people count them: what stands between white space. */
function countWords(text: string): number {
  let words = 0
  let isInWord = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const isSpace = code <= 0x20 || code === 0xa0 || code === 0x3000
    if (!isSpace && !isInWord) words++
    isInWord = !isSpace
  }
  return words
}
