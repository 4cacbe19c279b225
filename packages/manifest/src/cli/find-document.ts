import { type CliWorld, UsageError } from './cli-world.ts'

const DEFAULT_PATHS = ['lib/app.json', 'app.json'] as const

/** The files that were named, or the usual one. */
export async function documentPaths(named: readonly string[], world: CliWorld): Promise<string[]> {
  if (named.length > 0) return [...named]
  for (const path of DEFAULT_PATHS) {
    const isThere = await world.readFile(path).then(
      () => true,
      (error: { code?: unknown }) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
    )
    if (isThere) return [path]
  }
  throw new UsageError(`There is neither ${DEFAULT_PATHS.join(' nor ')} here. Name a file.`)
}

/** The one file that was named, or the usual one. */
export async function documentPath(named: readonly string[], world: CliWorld): Promise<string> {
  if (named.length > 1) throw new UsageError('This command takes one file.')
  const [path = ''] = await documentPaths(named, world)
  return path
}
