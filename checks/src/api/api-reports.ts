import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
  type IConfigFile,
} from '@microsoft/api-extractor'

/** A door of a built package: its name (`.`, `./s3`) and its declarations. */
interface BuiltDoor {
  name: string
  declarations: string
}

/** The reports of a built package's doors, by file name: `index.api.md`, `s3.api.md`. */
export async function apiReports(folder: string, root: string): Promise<Map<string, string>> {
  const doors = await builtDoors(folder)
  const out = await mkdtemp(join(tmpdir(), 'mortise-api-'))
  try {
    await mkdir(join(out, 'temp'))
    const configs = doors.map((door) => configOf(door, doors, { folder, root, out }))
    return new Map(await extract(configs, doors))
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** What is published, so `publishConfig` counts. */
async function builtDoors(folder: string): Promise<BuiltDoor[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const exports: Record<string, { types?: string }> = manifest.publishConfig.exports
  return Object.entries(exports).flatMap(([name, { types }]) =>
    types ? [{ name, declarations: join(folder, types) }] : [],
  )
}

/** One program serves all doors of a package: reading declarations is most of the work. */
async function extract(
  configs: readonly ExtractorConfig[],
  doors: readonly BuiltDoor[],
): Promise<[string, string][]> {
  const [first] = configs
  if (!first) return []
  const additionalEntryPoints = doors.map(({ declarations }) => declarations)
  const compilerState = CompilerState.create(first, { additionalEntryPoints })
  const problems: string[] = []
  const messageCallback = (message: ExtractorMessage) => {
    if (message.category === 'Compiler') problems.push(message.text)
    message.handled = true
  }
  for (const config of configs) {
    Extractor.invoke(config, { localBuild: true, compilerState, messageCallback })
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return Promise.all(
    configs.map(async ({ reportFilePath }) => [
      reportFilePath.replace(/.*[\\/]/, ''),
      orderMembers(await readFile(reportFilePath, 'utf8')),
    ]),
  )
}

/**
 * The report with neighbouring `name: "literal";` members in alphabetical order: TypeScript writes the inferred members
 * of an enumeration in the order in which it happened to read their literals, which differs from build to build.
 */
export function orderMembers(report: string): string {
  return report.replace(/(?:^ +\w+: "[^"]*";\n){2,}/gm, (members) =>
    members
      .trimEnd()
      .split('\n')
      .sort((a, b) => (a < b ? -1 : 1))
      .join('\n')
      .concat('\n'),
  )
}

function configOf(
  door: BuiltDoor,
  doors: readonly BuiltDoor[],
  { folder, root, out }: { folder: string; root: string; out: string },
): ExtractorConfig {
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
    strict: true,
    skipLibCheck: true,
  }
  const files = doors.map(({ declarations }) => declarations)
  const silent = { default: { logLevel: ExtractorLogLevel.None } }
  const configObject: IConfigFile = {
    projectFolder: folder,
    mainEntryPointFilePath: door.declarations,
    newlineKind: 'lf',
    compiler: { overrideTsconfig: { compilerOptions, files } },
    apiReport: {
      enabled: true,
      reportFileName: door.name === '.' ? 'index' : door.name.slice(2).replaceAll('/', '-'),
      reportFolder: out,
      reportTempFolder: join(out, 'temp'),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent },
  }
  const packageJsonFullPath = join(folder, 'package.json')
  return ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath,
  })
}
