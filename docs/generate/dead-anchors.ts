import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const ID = /\sid="([^"]+)"/g
const LINK = /\shref="([^"#]*)#([^"]+)"/g

/**
 * Links into a page whose target is not on it, as `from: /page#anchor`. The site's builder checks that linked pages
 * exist, and leaves what is behind the `#` alone.
 */
export function deadAnchors(site: string): string[] {
  const pages = globSync('**/*.html', { cwd: site }).sort()
  const texts = new Map(pages.map((path) => [pageOf(path), readFileSync(join(site, path), 'utf8')]))
  const ids = new Map<string, Set<string>>()
  for (const [page, text] of texts) {
    ids.set(page, new Set([...text.matchAll(ID)].map(([, id = '']) => decoded(id))))
  }
  const dead = new Set<string>()
  for (const [page, text] of texts) {
    for (const [, path = '', anchor = ''] of text.matchAll(LINK)) {
      if (/^[a-z]+:/.test(path)) continue
      const target = path === '' ? page : pageOf(posix.join('/', posix.dirname(page), path), path)
      const known = ids.get(target)
      if (known && !known.has(decoded(anchor))) dead.add(`${page}: ${target}#${anchor}`)
    }
  }
  return [...dead]
}

/** The address of a page as it is linked: without `.html` and `index`. */
function pageOf(path: string, link = path): string {
  const absolute = link.startsWith('/') ? link : path.startsWith('/') ? path : `/${path}`
  return absolute.replace(/\.html$/, '').replace(/(^|\/)index$/, '$1')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('&amp;', '&'))
  } catch {
    return text
  }
}
