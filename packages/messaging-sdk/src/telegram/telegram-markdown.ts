/**
 * Markdown as Telegram's HTML: fenced and inline code, bold, italic, strikethrough and links. All else stays
 * as it was written. The leftmost mark wins and what is inside it is read again by itself, so every tag is
 * closed in order: nothing that Telegram would refuse can come out.
 *
 * @see https://core.telegram.org/bots/api#html-style
 */
export function telegramHtml(markdown: string): string {
  let html = ''
  let end = 0
  for (const match of markdown.matchAll(MARKED)) {
    html += escapeHtml(markdown.slice(end, match.index)) + tagOf(match.groups ?? {})
    end = match.index + match[0].length
  }
  return html + escapeHtml(markdown.slice(end))
}

/** Code first: marks inside it are nobody's marks. Words begin and end without a space. */
const MARKED = new RegExp(
  [
    /```(?:(?<language>\w+)\n|\n)?(?<fenced>[\s\S]+?)\n?```/,
    /`(?<code>[^`\n]+)`/,
    /\[(?<label>[^\]\n]+)\]\((?<address>https?:\/\/[^\s()]+)\)/,
    /\*\*(?!\s)(?<bold>(?:(?!\*\*)[^\n])+?)(?<!\s)\*\*/,
    /~~(?!\s)(?<gone>(?:(?!~~)[^\n])+?)(?<!\s)~~/,
    /(?<![\w*])\*(?![\s*])(?<italic>[^*\n]+?)(?<!\s)\*(?![\w*])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
)

function tagOf(groups: Record<string, string | undefined>): string {
  const { language, fenced, code, label, address, bold, gone, italic } = groups
  if (fenced !== undefined) {
    const body = escapeHtml(fenced)
    const named = language && `<code class="language-${language}">${body}</code>`
    return `<pre>${named || body}</pre>`
  }
  if (code !== undefined) return `<code>${escapeHtml(code)}</code>`
  if (address !== undefined) {
    return `<a href="${escapeHtml(address)}">${escapeHtml(label ?? address)}</a>`
  }
  if (bold !== undefined) return `<b>${telegramHtml(bold)}</b>`
  return gone === undefined
    ? `<i>${telegramHtml(italic ?? '')}</i>`
    : `<s>${telegramHtml(gone)}</s>`
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
