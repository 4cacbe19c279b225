import { createMarkdownRenderer } from 'vitepress'
import { expect, test } from 'vitest'
import { showFileNames } from '../.vitepress/file-names.ts'

test('the name of a file stands above its block, escaped; other blocks have none', async () => {
  const markdown = await createMarkdownRenderer('.', { config: showFileNames })
  const page = markdown.render(
    '```ts [app/[...path]/a<b>.ts]\nconst a = 1\n```\n\n```ts\nconst b = 2\n```\n',
  )
  expect(page.match(/<p class="file-name">[^/]*/g)).toHaveLength(1)
  expect(page).toContain('a&lt;b&gt;.ts</p>')
})
