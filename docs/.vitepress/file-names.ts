import type { MarkdownRenderer } from 'vitepress'

const NAME = /\[(.+)\]/

/** Shows the name in ```` ```ts [parts.ts] ```` above the block; the site's builder shows it in groups of tabs alone. */
export function showFileNames(markdown: MarkdownRenderer): void {
  const { fence } = markdown.renderer.rules
  if (!fence) return
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const [, name] = NAME.exec(tokens[index]?.info ?? '') ?? [] // before the builder takes it away
    const block = fence(tokens, index, options, env, self)
    if (name === undefined) return block
    return `<p class="file-name">${markdown.utils.escapeHtml(name)}</p>${block}`
  }
}
