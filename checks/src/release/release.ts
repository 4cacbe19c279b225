import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readWorkspace, type WorkspacePackage } from '../workspace.ts'
import type { LocalRegistry } from './local-registry.ts'
import { type RunOptions, run } from './run.ts'

/** What is committed, in a folder of its own, with the packages' dependencies installed. */
export async function cloneRepository(root: string, options: RunOptions): Promise<string> {
  const cwd = join(options.cwd, 'repository')
  await run('git', ['clone', '--quiet', root, cwd], options)
  const only = ['--filter', '.', '--filter', './packages/*']
  await run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', ...only], {
    ...options,
    cwd,
  })
  return cwd
}

/** Adds a changeset that asks for a minor release of the packages, and turns all changesets into versions. */
export async function version(
  packages: readonly WorkspacePackage[],
  sentence: string,
  options: RunOptions,
): Promise<void> {
  const bumps = packages.map(({ name }) => `'${name}': minor`).join('\n')
  const file = join(options.cwd, '.changeset', 'release-test.md')
  await writeFile(file, `---\n${bumps}\n---\n\n${sentence}\n`)
  await run(installed('changeset', options), ['version'], options)
}

/** Builds every package. */
export async function build(options: RunOptions): Promise<void> {
  const flags = ['--output-logs=errors-only', '--filter=./packages/*']
  await run(installed('turbo', options), ['run', 'build', ...flags], options)
}

/** Publishes every version that the registry does not have, to that registry and nowhere else. */
export async function publish(registry: LocalRegistry, options: RunOptions): Promise<void> {
  const home = join(options.cwd, '.home')
  await mkdir(home, { recursive: true })
  const lines = [
    `@mortise:registry=${registry.url}/`,
    `registry=${registry.url}/`,
    `//${new URL(registry.url).host}/:_authToken=${registry.token}`,
  ]
  await writeFile(join(home, '.npmrc'), `${lines.join('\n')}\n`)
  const env = { ...process.env, HOME: home, npm_config_userconfig: join(home, '.npmrc') }
  await run(installed('changeset', options), ['publish', '--no-git-tag'], { ...options, env })
}

/** The packages that a release publishes. */
export function publishedPackages(root: string): WorkspacePackage[] {
  return readWorkspace(root).packages.filter(({ manifest }) => !manifest.private)
}

/** A command of the repository, not through `pnpm`: that would install again after every new version. */
function installed(command: string, { cwd }: RunOptions): string {
  return join(cwd, 'node_modules', '.bin', command)
}
