/**
 * Markdown as Telegram's HTML: fenced and inline code, bold, italic, strikethrough and links. All else stays
 * as it was written, so nothing that Telegram would refuse can come out.
 *
 * Code is taken out first, so that marks inside it stay marks of nobody.
 * @see https://core.telegram.org/bots/api#html-style
 */
export function telegramHtml(markdown: string): string {
  return markdown
    .split(CODE)
    .map((piece, index) => (index % 2 === 1 ? codeOf(piece) : wordsOf(piece)))
    .join('')
}

const CODE = /(```[\s\S]+?```|`[^`\n]+`)/

function codeOf(piece: string): string {
  const fenced = /^```(?:(\w+)\n|\n)?([\s\S]+?)\n?```$/.exec(piece)
  if (!fenced) return `<code>${escapeHtml(piece.slice(1, -1))}</code>`
  const [, language, code = ''] = fenced
  const body = escapeHtml(code)
  return language
    ? `<pre><code class="language-${language}">${body}</code></pre>`
    : `<pre>${body}</pre>`
}

function wordsOf(piece: string): string {
  return escapeHtml(piece)
    .replaceAll(/\[([^\]\n]+)\]\((https?:\/\/[^\s()]+)\)/g, '<a href="$2">$1</a>')
    .replaceAll(/\*\*(?!\s)([^*\n]+?)(?<!\s)\*\*/g, '<b>$1</b>')
    .replaceAll(/~~(?!\s)([^~\n]+?)(?<!\s)~~/g, '<s>$1</s>')
    .replaceAll(/(?<![\w*])\*(?![\s*])([^*\n<>]+?)(?<!\s)\*(?![\w*])/g, '<i>$1</i>')
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
