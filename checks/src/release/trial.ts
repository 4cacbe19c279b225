import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { thirdPartiesOf } from '../what-doors-load.ts'
import type { WorkspacePackage } from '../workspace.ts'
import { commonJsForm } from './commonjs-form.ts'
import type { Consumer } from './consumer.ts'
import type { Tool } from './tools.ts'

/** One thing that was tried: `install`, `node 22.23.3`, `types 5.9.3`. */
export interface Step {
  name: string
  ms: number
  /** What went wrong, when something did. */
  failure?: string
}

/** Everything that was tried with one project. */
export interface Trial {
  name: string
  steps: Step[]
}

/** A program of the project, and what its output must hold. */
interface Program {
  file: string
  args?: string[]
  output?: string
}

/** What a project consists of. */
export interface Project {
  name: string
  consumer: Consumer
  install: () => Promise<void>
  programs: readonly Program[]
}

/** Installs, runs every program on every Node and checks the types; a failed install ends it. */
export async function tryProject(
  { name, consumer, install, programs }: Project,
  nodes: readonly Tool[],
  typescripts: readonly Tool[],
): Promise<Trial> {
  const steps = [await timed('install', install)]
  if (steps[0]?.failure !== undefined) return { name, steps }
  for (const node of nodes) {
    steps.push(await timed(`node ${node.version}`, () => runAll(consumer, programs, node)))
  }
  for (const typescript of typescripts) {
    steps.push(await timed(`types ${typescript.version}`, () => consumer.compile(typescript)))
  }
  return { name, steps }
}

async function timed(name: string, work: () => Promise<void>): Promise<Step> {
  const begin = performance.now()
  const failure = await work().then(
    () => undefined,
    (error: Error) => error.message,
  )
  return { name, ms: performance.now() - begin, ...(failure !== undefined && { failure }) }
}

async function runAll(consumer: Consumer, programs: readonly Program[], node: Tool): Promise<void> {
  for (const { file, args = [], output = '' } of programs) {
    const printed = await consumer.execute(node, file, ...args)
    if (printed.includes(output)) continue
    throw new Error(`${file} ${args.join(' ')} printed ${printed.trim()}, not ${output}`)
  }
}

/** Writes the files of a consumer that has one package alone, and lists its programs. */
export async function aloneFiles(
  subject: WorkspacePackage,
  consumer: Consumer,
): Promise<Program[]> {
  const example = await quickStart(subject)
  await consumer.write('quick-start.ts', example)
  await consumer.write('quick-start.cjs', commonJsForm(example))
  await consumer.write(
    'required.cts',
    `import door = require('${subject.name}')\nexport { door }\n`,
  )
  await consumer.write('doors.ts', doorsWithoutPeers(subject))
  const commands = Object.values(subject.manifest.bin ?? {}).map((path) => ({
    file: join('node_modules', subject.name, path),
    args: ['--version'],
    output: subject.manifest.version ?? '',
  }))
  return [{ file: 'quick-start.ts' }, { file: 'quick-start.cjs' }, ...commands]
}

/** Writes the quick start of each package, and lists them. */
export async function quickStarts(
  subjects: readonly WorkspacePackage[],
  consumer: Consumer,
): Promise<Program[]> {
  return Promise.all(
    subjects.map(async (subject) => {
      const file = `${subject.name.replace(/.*\//, '')}.ts`
      await consumer.write(file, await quickStart(subject))
      return { file }
    }),
  )
}

function quickStart({ folder }: WorkspacePackage): Promise<string> {
  return readFile(join(folder, 'examples', 'quick-start.ts'), 'utf8')
}

/** Names every door whose types need nothing that the package does not bring. */
function doorsWithoutPeers({ name, doors, manifest }: WorkspacePackage): string {
  const peers = Object.keys(manifest.peerDependencies ?? {})
  return doors
    .filter(({ file }) => !thirdPartiesOf(file).some((party) => peers.includes(party)))
    .map((door, index) => `export * as door${index} from '${name}${door.name.slice(1)}'\n`)
    .join('')
}
