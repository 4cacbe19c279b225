import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sidebar } from '../.vitepress/sidebar.ts'
import { publishedPackages } from '../generate/published-packages.ts'

interface Item {
  link?: string | undefined
  items?: Item[] | undefined
}

const linksOf = (items: readonly Item[]): string[] =>
  items.flatMap(({ link, items: inner = [] }) => [...(link ? [link] : []), ...linksOf(inner)])

test('the sidebar names every written page, and no other', () => {
  const pages = globSync('**/*.md', {
    cwd: new URL('../pages', import.meta.url),
    exclude: ['api/**', 'packages/**', 'index.md'],
  }).map((path) => `/${path.replace(/\.md$/, '')}`)
  const written = linksOf(sidebar(publishedPackages()) as Item[]).filter(
    (link) => !/^\/(api|packages)\//.test(link),
  )
  expect(new Set(written)).toEqual(new Set(pages))
})

test('every door of every package has a page of the reference', () => {
  const links = linksOf(sidebar(publishedPackages()) as Item[])
  expect(links).toContain('/api/errors')
  expect(links).toContain('/api/files-remote/s3')
})
