import { styleText } from 'node:util'
import type { FileReport } from './validate-command.ts'

type Style = Parameters<typeof styleText>[0]

/** For people: one finding in two lines. Values are never quoted: one of them may be a secret. */
export function formatPretty(
  reports: readonly FileReport[],
  { isColorful }: { isColorful: boolean },
): string {
  const paint = (style: Style, text: string) =>
    isColorful ? styleText(style, text, { validateStream: false }) : text
  const lines: string[] = []
  const count = { error: 0, warning: 0, fixable: 0 }
  for (const { file, diagnostics } of reports) {
    for (const { severity, line, column, code, message, hint, fix } of diagnostics) {
      count[severity]++
      if (fix) count.fixable++
      const color = severity === 'error' ? 'red' : 'yellow'
      const place = paint('bold', `${printable(file)}:${line}:${column}`)
      lines.push(`${place} ${paint(color, severity)} ${printable(message)} ${paint('dim', code)}`)
      if (hint !== undefined)
        lines.push(`    ${printable(hint)}${fix ? paint('dim', ' (fixable)') : ''}`)
    }
  }
  const files = plural(reports.length, 'file')
  const total = `${plural(count.error, 'error')}, ${plural(count.warning, 'warning')} in ${files}`
  lines.push(count.fixable > 0 ? `${total}; mortise-manifest fix can fix ${count.fixable}` : total)
  return `${lines.join('\n')}\n`
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

/** A document must not steer the terminal it is shown on. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}
