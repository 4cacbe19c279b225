import type { WorkspacePackage } from '../workspace.ts'
import type { Consumer } from './consumer.ts'
import type { Tools } from './tools.ts'
import { quickStarts, type Trial, tryProject } from './trial.ts'

const ERRORS = '@mortise/errors'
/** The package whose failure crosses from one copy of `errors` to the other. */
const NEIGHBOUR = '@mortise/files-local'

const TWO_COPIES = `
import assert from 'node:assert/strict'
import { fromUnknown, isIntegrationError, PermanentError } from '${ERRORS}'
import { downloadToFile } from '${NEIGHBOUR}'

const thrown: unknown = await downloadToFile('http://127.0.0.1:9/', './never').catch((error) => error)
assert.ok(thrown instanceof PermanentError, 'an error of the other copy is an instance')
assert.ok(thrown.constructor !== PermanentError, 'there are two copies')
assert.ok(isIntegrationError(thrown), 'an error of the other copy is one of ours')
assert.equal(fromUnknown(thrown), thrown, 'an error of the other copy passes as it is')
`

/** What the upgrades need. */
export interface Surroundings {
  newConsumer: () => Promise<Consumer>
  tools: Tools
}

/**
 * All packages in their first versions; then `errors` alone in its next one, so that every other package
 * brings a copy of the old one; then one of the others, which brings its own copy of the new one no more.
 */
export async function tryUpgrades(
  first: readonly WorkspacePackage[],
  next: readonly WorkspacePackage[],
  { newConsumer, tools: { nodes, typescripts } }: Surroundings,
): Promise<Trial[]> {
  const consumer = await newConsumer()
  const programs = await quickStarts(first, consumer)
  const trial = (name: string, specs: readonly string[], also: typeof programs) => {
    const install = () => consumer.install(...specs)
    const project = { name, consumer, install, programs: [...programs, ...also] }
    return tryProject(project, nodes, typescripts)
  }
  const errors = specOf(next, ERRORS)
  const neighbour = specOf(next, NEIGHBOUR)
  const all = first.map(({ name }) => specOf(first, name))
  const together = await trial('all together', [...all, '@types/node@22'], [])
  await consumer.write('two-copies.ts', TWO_COPIES)
  const twoCopies = await trial(`then ${errors}`, [errors], [{ file: 'two-copies.ts' }])
  const mixed = await trial(`then ${neighbour}`, [neighbour], [])
  return [together, twoCopies, mixed]
}

function specOf(packages: readonly WorkspacePackage[], wanted: string): string {
  const found = packages.find(({ name }) => name === wanted)
  if (!found) throw new Error(`${wanted} is not among the published packages`)
  return `${wanted}@${found.manifest.version}`
}
