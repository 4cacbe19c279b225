/**
 * A whole release against a registry of our own: version by changesets, build, publish, install each package
 * alone, run it on every supported Node, compile against it with three TypeScripts; then release `errors`
 * again and see that new and old packages, with a copy of `errors` each, still understand each other.
 *
 *     node checks/src/release/release-test.ts [--json] [--repository FOLDER]
 *
 * Exits with 0 when everything worked, 1 when something did not, 2 on bad usage.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { WorkspacePackage } from '../workspace.ts'
import { createConsumer } from './consumer.ts'
import { type LocalRegistry, startLocalRegistry } from './local-registry.ts'
import { build, cloneRepository, publish, publishedPackages, version } from './release.ts'
import { formatTrials, seconds } from './report.ts'
import { inParallel, type RunOptions } from './run.ts'
import { fetchTools, type Tools } from './tools.ts'
import { aloneFiles, type Trial, tryProject } from './trial.ts'
import { tryUpgrades } from './upgrades.ts'

const begin = performance.now()
const { json, repository } = readOptions()
const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
const { signal } = stopping

const folder = await mkdtemp(join(tmpdir(), 'mortise-release-'))
try {
  const trials = await releaseAndTry()
  const ms = performance.now() - begin
  console.log(json ? JSON.stringify({ ms, trials }) : formatTrials(trials))
  if (!json) console.log(`\nThe whole release took ${seconds(ms)}.`)
  if (trials.some(hasFailed)) process.exitCode = 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

function readOptions(): { json: boolean; repository: string } {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean', default: false }, repository: { type: 'string' } },
    })
    const here = fileURLToPath(new URL('../../..', import.meta.url))
    return { json: values.json, repository: values.repository ?? here }
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

async function releaseAndTry(): Promise<Trial[]> {
  const [tools, root] = await Promise.all([
    phase('fetch the tools', () => fetchTools(signal)),
    phase('clone and install', () => cloneRepository(repository, { cwd: folder, signal })),
  ])
  const options: RunOptions = { cwd: root, signal }
  const registry = await startLocalRegistry(tools.registryServer, folder)
  try {
    await phase('version', () => version(publishedPackages(root), 'Prepare a release.', options))
    await phase('build', () => build(options))
    await phase('publish', () => publish(registry, options))
    const first = publishedPackages(root)
    const alone = await phase('try each alone', () => tryEach(first, registry, tools))
    if (alone.some(hasFailed)) return alone // together they would say the same again
    await phase('release errors again', async () => {
      await version(first.filter(isErrors), 'Change something once more.', options)
      await publish(registry, options)
    })
    const upgrades = await phase('try the upgrades', () =>
      tryUpgrades(first, publishedPackages(root), {
        newConsumer: () => createConsumer(folder, registry.url, signal),
        tools,
      }),
    )
    return [...alone, ...upgrades]
  } finally {
    await registry.close()
  }
}

function hasFailed({ steps }: Trial): boolean {
  return steps.some(({ failure }) => failure !== undefined)
}

function isErrors({ name }: WorkspacePackage): boolean {
  return name === '@mortise/errors'
}

async function phase<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const answer = await work()
  console.error(`${name.padEnd(24)}${seconds(performance.now() - start).padStart(8)}`)
  return answer
}

function tryEach(
  packages: readonly WorkspacePackage[],
  registry: LocalRegistry,
  { nodes, typescripts }: Tools,
): Promise<Trial[]> {
  return inParallel(packages, availableParallelism(), async (subject) => {
    const consumer = await createConsumer(folder, registry.url, signal)
    const name = `${subject.name}@${subject.manifest.version}`
    const install = () => consumer.install(name, '@types/node@22')
    const programs = await aloneFiles(subject, consumer)
    return tryProject({ name: `${name} alone`, consumer, install, programs }, nodes, typescripts)
  })
}
