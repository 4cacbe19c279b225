/**
 * A whole release against a registry of our own: version by changesets, build, publish, install each package
 * alone, run it on every supported Node, compile against it with three TypeScripts; then release one package
 * again and see that its new version and an old neighbour, with a copy of `errors` each, still understand
 * each other.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readWorkspace, type WorkspacePackage } from '../workspace.ts'
import { createConsumer, tryPackage } from './consumer.ts'
import { type LocalRegistry, startLocalRegistry } from './local-registry.ts'
import { fetchTools, type Tools } from './tools.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))

const folder = await mkdtemp(join(tmpdir(), 'mortise-release-'))
const tools = await fetchTools()
const registry = await startLocalRegistry(tools.registryServer, folder)
try {
  const clone = await cloneRepository()
  await release(clone, 'Prepare a release', readWorkspace(clone).packages.filter(isPublished))
  await tryEach(clone, tools)
  await tryUpgrade(clone)
} finally {
  await registry.close()
  await rm(folder, { recursive: true, force: true })
}

function isPublished({ manifest }: WorkspacePackage): boolean {
  return !manifest.private
}

/** What is committed, so that a release never depends on what lies around. */
async function cloneRepository(): Promise<string> {
  const clone = join(folder, 'repository')
  await run('git', ['clone', '--quiet', root, clone])
  await run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], { cwd: clone })
  return clone
}

async function release(
  clone: string,
  sentence: string,
  packages: readonly WorkspacePackage[],
): Promise<void> {
  const bumps = packages.map(({ name }) => `'${name}': minor`).join('\n')
  await writeFile(
    join(clone, '.changeset', 'release-test.md'),
    `---\n${bumps}\n---\n\n${sentence}.\n`,
  )
  await run('pnpm', ['changeset', 'version'], { cwd: clone })
  await run('pnpm', ['turbo', 'run', 'build', '--output-logs=errors-only'], { cwd: clone })
  const { stdout } = await run('pnpm', ['changeset', 'publish', '--no-git-tag'], {
    cwd: clone,
    env: await publishing(registry),
  })
  const versions = readWorkspace(clone).packages.filter(isPublished).map(versionOf)
  if (/error/i.test(stdout)) throw new Error(`Publishing failed:\n${stdout}`)
  console.log(`published  ${versions.join('  ')}`)
}

/** An environment in which `@mortise` is published to the local registry and nowhere else. */
async function publishing({ url, token }: LocalRegistry): Promise<NodeJS.ProcessEnv> {
  const home = join(folder, 'home')
  await mkdir(home, { recursive: true })
  const lines = [
    `@mortise:registry=${url}/`,
    `registry=${url}/`,
    `//${new URL(url).host}/:_authToken=${token}`,
  ]
  await writeFile(join(home, '.npmrc'), `${lines.join('\n')}\n`)
  return { ...process.env, HOME: home, npm_config_userconfig: join(home, '.npmrc') }
}

async function tryEach(clone: string, tools: Tools): Promise<void> {
  const nodes = tools.nodes.map(({ version }) => version).join(', ')
  const typescripts = tools.typescripts.map(({ version }) => version).join(', ')
  for (const subject of readWorkspace(clone).packages.filter(isPublished)) {
    await tryPackage(subject, await createConsumer(folder, registry.url), tools)
    console.log(
      `${versionOf(subject)} installed alone, ran on Node ${nodes}, compiled with TypeScript ${typescripts}`,
    )
  }
}

const TWO_COPIES = `
import assert from 'node:assert/strict'
import { errors, PermanentError } from '@mortise/errors'
import { downloadToFile } from '@mortise/files-local'
const thrown = await downloadToFile('http://127.0.0.1:9/', './never').catch((error) => error)
assert.ok(thrown instanceof PermanentError, 'an error of the older copy is recognised by the newer one')
assert.ok(!Object.is(Object.getPrototypeOf(thrown).constructor, PermanentError), 'there are two copies')
assert.ok(errors.error('x') instanceof PermanentError)
`

/** The next `errors` beside an older package that brings its own. */
async function tryUpgrade(clone: string): Promise<void> {
  const consumer = await createConsumer(folder, registry.url)
  const packages = readWorkspace(clone).packages
  const old = packages.find(({ name }) => name === '@mortise/files-local')
  const errors = packages.find(({ name }) => name === '@mortise/errors')
  if (!old || !errors) throw new Error('The packages of the upgrade are gone')
  const before = versionOf(old)
  await release(clone, 'Change errors once more', [errors])
  const next = readWorkspace(clone).packages.find(({ name }) => name === '@mortise/errors')
  await consumer.install(before, next ? versionOf(next) : '@mortise/errors')
  await writeFile(join(consumer.cwd, 'two-copies.js'), TWO_COPIES)
  for (const node of tools.nodes) await consumer.execute('two-copies.js', node)
  console.log(
    `${before} beside ${next && versionOf(next)}: two copies of errors understand each other`,
  )
}

function versionOf({ name, manifest }: WorkspacePackage): string {
  return `${name}@${(manifest as { version?: string }).version}`
}
