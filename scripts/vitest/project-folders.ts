import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = new URL('../../', import.meta.url)

/** Absolute path of every folder that has tests, by its project's name. */
export function projectFolders(): ReadonlyMap<string, string> {
  const folders = ['packages', 'apps']
    .flatMap((parent) => readdirSync(new URL(parent, ROOT)).map((name) => `${parent}/${name}`))
    .concat('checks', 'docs')
    .filter((folder) => existsSync(new URL(`${folder}/package.json`, ROOT)))
  return new Map(
    folders.map((folder) => [folder.replace(/^.*\//, ''), fileURLToPath(new URL(folder, ROOT))]),
  )
}
