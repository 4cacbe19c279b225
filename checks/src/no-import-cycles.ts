import { importsOf, shown, type Workspace } from './workspace.ts'

/** Chains of relative imports that come back to where they began. */
export function noImportCycles(workspace: Workspace): string[] {
  return workspace.packages.flatMap(({ sources }) => {
    const done = new Set<string>()
    return sources
      .flatMap((file) => cyclesFrom(file, [], done))
      .map((cycle) => cycle.map((file) => shown(workspace, file)).join(' → '))
  })
}

function cyclesFrom(file: string, path: string[], done: Set<string>): string[][] {
  const begin = path.indexOf(file)
  if (begin >= 0) return [[...path.slice(begin), file]]
  if (done.has(file)) return []
  const next = importsOf(file).flatMap((imported) => (imported.file ? [imported.file] : []))
  const found = next.flatMap((target) => cyclesFrom(target, [...path, file], done))
  done.add(file)
  return found
}
