import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

/** The parts of a package.json that the rules read. */
export interface PackageManifest {
  name: string
  version?: string
  private?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
  exports?: Record<string, string | Record<string, string>>
  bin?: Record<string, string>
}

/** A way into a package: `.`, `./s3`, … and the source file behind it. */
export interface Door {
  name: string
  file: string
}

/** One workspace package as the rules see it; paths are absolute. */
export interface WorkspacePackage {
  name: string
  folder: string
  manifest: PackageManifest
  doors: Door[]
  sources: string[]
}

export interface Workspace {
  root: string
  packages: WorkspacePackage[]
}

/** What one source file names in `import`, `export … from`, `import()` and `require()`. */
export interface ImportedModule {
  specifier: string
  /** The file, when the specifier is relative. */
  file?: string
}

/** Reads every workspace package below `packages/` and `apps/` of a repository. */
export function readWorkspace(root: string): Workspace {
  const manifests = globSync(['packages/*/package.json', 'apps/*/package.json'], { cwd: root })
  return {
    root,
    packages: manifests.sort().map((path) => readPackage(resolve(root, dirname(path)))),
  }
}

function readPackage(folder: string): WorkspacePackage {
  const manifest: PackageManifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const doors = Object.entries(manifest.exports ?? {}).flatMap(([name, target]) =>
    typeof target === 'object' && target['@mortise/source']
      ? [{ name, file: resolve(folder, target['@mortise/source']) }]
      : [],
  )
  const sources = globSync('src/**/*.ts', { cwd: folder }).map((path) => resolve(folder, path))
  return { name: manifest.name, folder, manifest, doors, sources: sources.sort() }
}

const known = new Map<string, ImportedModule[]>()

/** The imports of one file, types included: a type of somebody else's package is a dependency too. */
export function importsOf(file: string): ImportedModule[] {
  const found = known.get(file) ?? readImports(file)
  known.set(file, found)
  return found
}

function readImports(file: string): ImportedModule[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true)
  return importedFiles.map(({ fileName: specifier }) =>
    specifier.startsWith('.')
      ? { specifier, file: resolve(dirname(file), specifier) }
      : { specifier },
  )
}

/** Every file that a door loads, itself included, following relative imports. */
export function filesBehind(entry: string): Set<string> {
  const seen = new Set<string>()
  const queue = [entry]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file) || !existsSync(file)) continue
    seen.add(file)
    for (const imported of importsOf(file)) if (imported.file) queue.push(imported.file)
  }
  return seen
}

/** `@scope/name/sub` → `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** A path as people read it in a violation. */
export function shown(workspace: Workspace, file: string): string {
  return relative(workspace.root, file)
}
