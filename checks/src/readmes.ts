import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import type { Workspace } from './workspace.ts'

/** A fenced TypeScript block of a Markdown file. */
export interface CodeBlock {
  /** `packages/errors/README.md#2` */
  name: string
  folder: string
  code: string
}

const FENCE = /^```(?:ts|typescript)\n([\s\S]*?)^```/gm

/** The TypeScript blocks of every README, the repository's own and each package's, and of each package's `docs/`. */
export function readmeBlocks(workspace: Workspace): CodeBlock[] {
  const readme = blocksOf(workspace, workspace.root, 'README.md')
  const others = workspace.packages.flatMap(({ folder }) =>
    globSync(['README.md', 'docs/*.md'], { cwd: folder })
      .sort((a, b) => a.localeCompare(b))
      .flatMap((file) => blocksOf(workspace, folder, file)),
  )
  return [...readme, ...others]
}

function blocksOf({ root }: Workspace, folder: string, file: string): CodeBlock[] {
  const path = join(folder, file)
  if (!existsSync(path)) return []
  return [...readFileSync(path, 'utf8').matchAll(FENCE)].map(([, code = ''], index) => ({
    name: `${relative(root, path)}#${index + 1}`,
    folder,
    code,
  }))
}

/** Compiler errors of the blocks, each taken as a module that stands in its package's `examples/`. */
export function compileBlocks(blocks: readonly CodeBlock[], workspace: Workspace): string[] {
  const config = ts.readConfigFile(join(workspace.root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(
    config.config.compilerOptions,
    workspace.root,
  )
  const files = new Map(
    blocks.map((block, index) => [
      join(
        block.folder,
        block.folder === workspace.root ? 'checks' : 'examples',
        `readme-${index}.ts`,
      ),
      block,
    ]),
  )
  const host = ts.createCompilerHost({ ...options, noEmit: true })
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path)?.code ?? readFile(path)
  host.getSourceFile = (path, ...rest) => {
    const block = files.get(path)
    // `export {}` makes every block a module, so that names and top-level await stay its own
    return block
      ? ts.createSourceFile(path, `${block.code}\nexport {}\n`, ts.ScriptTarget.ES2023, true)
      : getSourceFile(path, ...rest)
  }
  const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host)
  return ts.getPreEmitDiagnostics(program).flatMap((diagnostic) => {
    const block = diagnostic.file && files.get(diagnostic.file.fileName)
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    return block ? [`${block.name}: ${text}`] : []
  })
}

/** Packages whose README is missing, or whose first block is not `examples/quick-start.ts`. */
export function firstBlocks(workspace: Workspace): string[] {
  return workspace.packages
    .filter(({ name }) => name.startsWith('@mortise/'))
    .flatMap(({ name, folder }) => {
      const example = join(folder, 'examples', 'quick-start.ts')
      const [first] = blocksOf(workspace, folder, 'README.md')
      if (!first) return [`${name}: README.md has no TypeScript block`]
      if (!existsSync(example)) return [`${name}: examples/quick-start.ts is missing`]
      return readFileSync(example, 'utf8').trim() === first.code.trim()
        ? []
        : [`${name}: the first block of README.md is not examples/quick-start.ts`]
    })
}
