import ts from 'typescript'
import { shown, type Workspace } from './workspace.ts'

/** Public exports without a docstring, by door. */
export function missingDocstrings(workspace: Workspace): string[] {
  const doors = workspace.packages.flatMap(({ doors }) => doors)
  const program = ts.createProgram(
    doors.map(({ file }) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      allowImportingTsExtensions: true,
      noEmit: true,
      customConditions: ['@mortise/source'],
    },
  )
  const checker = program.getTypeChecker()
  return doors.flatMap(({ file }) => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) return [`${shown(workspace, file)} is a door that exports nothing`]
    return checker
      .getExportsOfModule(module)
      .map((symbol) =>
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      )
      .filter((symbol) => symbol.getDocumentationComment(checker).length === 0)
      .map((symbol) => `${symbol.name} of ${shown(workspace, file)} has no docstring`)
  })
}
