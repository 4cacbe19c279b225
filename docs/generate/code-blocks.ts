import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A fenced TypeScript block of a page. */
export interface PageBlock {
  /** `guides/errors.md#2` */
  name: string
  code: string
}

/** A fence at the beginning of a line, with whatever its info string says after the language. */
const FENCE = /^(`{3,})(?:ts|tsx|typescript)\b[^\n]*\n([\s\S]*?)^\1[^\S\n]*$/gm

/** Folders of pages that are made of sources and READMEs, which have checks of their own. */
const GENERATED = ['api/**', 'packages/**']

/** Every TypeScript block of the pages that people write. */
export function codeBlocks(pages: string): PageBlock[] {
  return globSync('**/*.md', { cwd: pages, exclude: GENERATED })
    .sort()
    .flatMap((path) => {
      const matches = readFileSync(join(pages, path), 'utf8').matchAll(FENCE)
      return [...matches].map(([, , code = ''], index) => ({ name: `${path}#${index + 1}`, code }))
    })
}
