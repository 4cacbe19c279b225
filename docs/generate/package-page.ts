import { posix } from 'node:path'
import type { PublishedPackage } from './published-packages.ts'

const REPOSITORY = 'https://github.com/mortise/mortise/blob/main'

/** The README of a package as a page: options, errors and figures stand there, and only there. */
export function packagePage({ name, description, readme }: PublishedPackage): string {
  const text = readme ?? `# @mortise/${name}\n\n${description}.\n`
  return `---\neditLink: false\n---\n\n${withRepositoryLinks(text, `packages/${name}`)}`
}

/** Links of a README lead into the repository; on the site they have to say so. */
function withRepositoryLinks(markdown: string, folder: string): string {
  return markdown.replace(/\]\((?!https?:|#|mailto:)([^)\s]+)\)/g, (_link, target: string) => {
    const path = posix.normalize(posix.join(folder, target))
    return `](${REPOSITORY}/${path})`
  })
}
