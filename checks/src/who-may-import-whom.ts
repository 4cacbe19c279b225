import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { importsOf, packageOf, shown, type Workspace, type WorkspacePackage } from './workspace.ts'

const SCOPE = '@mortise/'

/** The star: `errors` knows nobody, a package knows `errors`, an app knows everybody. */
function mayImport(from: WorkspacePackage, target: string): boolean {
  if (!from.name.startsWith(SCOPE)) return true
  return target === from.name || (target === '@mortise/errors' && from.name !== target)
}

/** A package reaches its own files; an app also the repository's servers for tests. */
function mayReach({ root }: Workspace, from: WorkspacePackage, file: string): boolean {
  if (file.startsWith(`${from.folder}/`)) return true
  return !from.name.startsWith(SCOPE) && file.startsWith(join(root, 'scripts', 'servers/'))
}

/** Third-party packages that a package must never name, whatever its package.json says. */
const NEVER: Record<string, readonly string[]> = {
  '@mortise/manifest': ['undici'],
  '@mortise/files-remote': ['undici'],
  '@mortise/extension-hooks': ['zod', 'express', '@aws-sdk/client-s3'],
}

/** Imports between packages that the graph does not have, undeclared imports, and forbidden ones. */
export function whoMayImportWhom(workspace: Workspace): string[] {
  return workspace.packages.flatMap((from) =>
    from.sources.flatMap((file) =>
      importsOf(file).flatMap(({ specifier, file: target }) => {
        const where = `${shown(workspace, file)} imports ${specifier}`
        if (target) {
          return mayReach(workspace, from, target) ? [] : [`${where}, which is outside its package`]
        }
        return judge(from, packageOf(specifier), specifier).map((reason) => `${where}: ${reason}`)
      }),
    ),
  )
}

function judge(from: WorkspacePackage, target: string, specifier: string): string[] {
  if (isBuiltin(specifier)) {
    return from.name === '@mortise/errors' ? ['errors runs everywhere and uses no Node API'] : []
  }
  if (target.startsWith(SCOPE) && !mayImport(from, target))
    return ['the graph is a star around errors']
  if (NEVER[from.name]?.includes(target)) return ['this package must never import it']
  const { dependencies, peerDependencies } = from.manifest
  const declared = { ...dependencies, ...peerDependencies }
  return target === from.name || declared[target] ? [] : ['not declared as dependency or peer']
}
