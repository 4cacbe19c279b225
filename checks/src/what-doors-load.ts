import { isBuiltin } from 'node:module'
import { filesBehind, importsOf, packageOf, shown, type Workspace } from './workspace.ts'

/** Test kits run under any runner, so these may stand behind a `/testing` door and nothing else. */
const TEST_RUNNERS = ['vitest', 'jest', '@jest/globals', 'mocha', 'node:test']

/**
 * What each door may load. `.` holds the contract: no optional peer, none of the package's other doors.
 * `/testing` brings no test runner.
 */
export function whatDoorsLoad(workspace: Workspace): string[] {
  return workspace.packages.flatMap(({ name, doors, manifest }) => {
    const optional = Object.entries(manifest.peerDependenciesMeta ?? {})
      .filter(([, meta]) => meta.optional)
      .map(([peer]) => peer)
    return doors.flatMap((door) => {
      const files = [...filesBehind(door.file)]
      const where = door.name === '.' ? name : `${name}${door.name.slice(1)}`
      const loaded = files.flatMap((file) =>
        importsOf(file).map(({ specifier }) => ({ file, specifier, target: packageOf(specifier) })),
      )
      const heavy = loaded.filter(({ target }) => door.name === '.' && optional.includes(target))
      const runners = loaded.filter(({ specifier }) => TEST_RUNNERS.includes(specifier))
      const others = doors.filter(
        (other) => door.name === '.' && other.name !== '.' && files.includes(other.file),
      )
      return [
        ...heavy.map(
          ({ file, target }) => `${where} loads ${target} through ${shown(workspace, file)}`,
        ),
        ...runners.map(
          ({ file, specifier }) => `${where} loads ${specifier} through ${shown(workspace, file)}`,
        ),
        ...others.map((other) => `${where} loads its own door ${other.name}`),
      ]
    })
  })
}

/** The third-party packages that a door loads, for the table in the READMEs and for people. */
export function thirdPartiesOf(entry: string): string[] {
  const names = [...filesBehind(entry)].flatMap((file) =>
    importsOf(file).flatMap(({ specifier, file: own }) =>
      own || isBuiltin(specifier) ? [] : [packageOf(specifier)],
    ),
  )
  return [...new Set(names)].sort((a, b) => a.localeCompare(b))
}
