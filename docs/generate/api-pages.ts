import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Application, type DeclarationReflection, ReflectionKind } from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import type { Door, PublishedPackage } from './published-packages.ts'

/** A page of the reference; `path` is below `/api`. */
export interface ApiPage {
  path: string
  text: string
}

/** How the Markdown looks: one page a door, tables instead of nested lists, no paths of this machine. */
const LAYOUT = {
  outputFileStrategy: 'modules',
  entryFileName: 'index',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  hideGroupHeadings: false,
  useCodeBlocks: true,
  // The site makes other anchors of names with underscores.
  useHTMLAnchors: true,
  expandObjects: false,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  enumMembersFormat: 'table',
} satisfies Partial<PluginOptions>

/**
 * The reference of every door, out of its docstrings.
 * @throws {Error} when the sources do not compile
 */
export async function apiPages(
  packages: readonly PublishedPackage[],
  tsconfig: string,
): Promise<ApiPage[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mortise-api-'))
  try {
    return await render(packages, tsconfig, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function render(
  packages: readonly PublishedPackage[],
  tsconfig: string,
  folder: string,
): Promise<ApiPage[]> {
  const doors = packages.flatMap((item) => item.doors)
  const application = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: doors.map(({ source }) => source),
    tsconfig,
    readme: 'none',
    disableSources: true,
    disableGit: true,
    excludeInternal: true,
    excludePrivate: true,
    // Type errors are the type check's business, which every package has.
    skipErrorChecking: true,
    // What a door mentions but does not export is named without a link; the doors themselves are checked elsewhere.
    validation: false,
    logLevel: 'Error',
    ...LAYOUT,
  })
  const project = await application.convert()
  if (project === undefined)
    throw new Error('The sources do not compile; the reference needs them to')
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    const door = doors.find(({ source }) => fileOf(module as DeclarationReflection) === source)
    if (door !== undefined) module.name = door.specifier
  }
  await application.outputs.writeOutput({ name: 'markdown', path: folder }, project)
  return [indexPage(packages), ...doors.map((door) => doorPage(folder, door))]
}

function fileOf(module: DeclarationReflection): string | undefined {
  return module.project.getSymbolIdFromReflection(module)?.fileName
}

/** The names of the files follow the specifiers, so relative links between pages stay right below `/api`. */
function doorPage(folder: string, { specifier, page }: Door): ApiPage {
  const text = readFileSync(join(folder, `${specifier}.md`), 'utf8')
  // Docstrings may hold `{{…}}`, which the site would otherwise take for a template.
  return { path: `${page.slice('/api/'.length)}.md`, text: `::: v-pre\n\n${text}\n\n:::\n` }
}

function indexPage(packages: readonly PublishedPackage[]): ApiPage {
  const lists = packages.map(({ name, description, doors }) => {
    const items = doors.map(({ specifier, page }) => `- [\`${specifier}\`](${page})`)
    return `## ${name}\n\n${description}.\n\n${items.join('\n')}\n`
  })
  const text = `# API\n\nEvery export of every door, from its docstring. Options and errors at a glance stand in the\npages [Options and errors](/packages/errors).\n\n${lists.join('\n')}`
  return { path: 'index.md', text }
}
