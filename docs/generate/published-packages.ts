import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A way into a package. */
export interface Door {
  /** As it is imported: `@mortise/files-remote/s3`. */
  specifier: string
  /** The source file behind it; absolute. */
  source: string
  /** Where its reference stands on the site. */
  page: string
}

/** A package as the site shows it. */
export interface PublishedPackage {
  /** Without its scope: `files-remote`. */
  name: string
  /** Absolute. */
  folder: string
  description: string
  /** The README, or nothing while there is none. */
  readme: string | undefined
  doors: Door[]
}

interface Manifest {
  name: string
  description: string
  exports: Record<string, string | Record<string, string>>
}

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Every published package, in the order that its reader meets them in. */
export function publishedPackages(): PublishedPackage[] {
  const folders = globSync('packages/*/package.json', { cwd: ROOT }).map(dirname).sort()
  return folders.map((folder) => readPackage(join(ROOT, folder)))
}

function readPackage(folder: string): PublishedPackage {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const name = manifest.name.replace('@mortise/', '')
  const readme = join(folder, 'README.md')
  return {
    name,
    folder,
    description: manifest.description,
    readme: existsSync(readme) ? readFileSync(readme, 'utf8') : undefined,
    doors: Object.entries(manifest.exports).flatMap(([door, target]) => {
      const source = typeof target === 'object' ? target['@mortise/source'] : undefined
      if (source === undefined) return []
      const specifier = `${manifest.name}${door.slice(1)}`
      const page = `/api/${name}${door.slice(1)}`
      return [{ specifier, source: resolve(folder, source), page }]
    }),
  }
}
