import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Workspace } from './workspace.ts'

const PAGES = ['*.md', '{apps,packages}/*/*.md', 'packages/*/docs/**/*.md', 'docs/pages/**/*.md']
/** Made by commands, and checked where they are made. */
const GENERATED = ['docs/pages/{api,packages}/**', '**/CHANGELOG.md']
const CODE = /^ *```[\s\S]*?^ *```/gm
const LINK = /\]\(([^)\s]+)\)/g
/** Other sites, places in the same page, and what the site itself resolves. */
const ELSEWHERE = /^([a-z]+:|#|\/)/

/** Links and pictures of the repository's pages that lead to a file which is not there. */
export function deadLinks({ root }: Workspace): string[] {
  return globSync(PAGES, { cwd: root, exclude: GENERATED })
    .sort()
    .flatMap((page) => {
      const text = readFileSync(join(root, page), 'utf8').replaceAll(CODE, '')
      const targets = [...text.matchAll(LINK)].map(([, target = '']) => target)
      return targets
        .filter((target) => !ELSEWHERE.test(target))
        .filter((target) => !isThere(join(root, dirname(page)), target))
        .map((target) => `${page}: nothing stands at ${target}`)
    })
}

/** Pages of the site may leave out `.md`. */
function isThere(folder: string, target: string): boolean {
  const [path = ''] = target.split('#')
  return ['', '.md'].some((ending) => existsSync(join(folder, path + ending)))
}
