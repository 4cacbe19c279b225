import ts from 'typescript'

/** The same program for `require`: CommonJS, its top-level `await` inside a function. */
export function commonJsForm(code: string): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2023,
      esModuleInterop: true,
    },
  })
  return `(async () => {\n${outputText}})()\n`
}
