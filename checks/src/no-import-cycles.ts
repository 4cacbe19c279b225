import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import ts from 'typescript'
import { shown, type Workspace } from './workspace.ts'

/**
 * Chains of relative imports that come back to where they began, so that a module runs before what it needs.
 * `import type` is erased and closes no chain.
 */
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
  const found = modulesRunBefore(file).flatMap((target) =>
    cyclesFrom(target, [...path, file], done),
  )
  done.add(file)
  return found
}

function modulesRunBefore(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023)
  return source.statements.flatMap((statement) => {
    const specifier = specifierOf(statement)
    return specifier?.startsWith('.') ? [resolve(dirname(file), specifier)] : []
  })
}

function specifierOf(statement: ts.Statement): string | undefined {
  if (ts.isImportDeclaration(statement)) {
    return statement.importClause?.isTypeOnly ? undefined : textOf(statement.moduleSpecifier)
  }
  if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) return undefined
  return statement.moduleSpecifier && textOf(statement.moduleSpecifier)
}

function textOf(specifier: ts.Expression): string | undefined {
  return ts.isStringLiteral(specifier) ? specifier.text : undefined
}
