import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Workspace } from './workspace.ts'

interface Manifest {
  name: string
  private?: boolean
  license?: string
  repository?: { directory?: string }
  exports?: Record<string, unknown>
  publishConfig?: { access?: string; exports?: Record<string, unknown> }
}

/** Workspace packages that would be published and must not be, or would be published wrong. */
export function notPublishable({ root }: Workspace): string[] {
  const files = globSync(['{packages,apps}/*/package.json', '{checks,docs}/package.json'], {
    cwd: root,
  })
  return files
    .sort((a, b) => a.localeCompare(b))
    .flatMap((file) => {
      const manifest: Manifest = JSON.parse(readFileSync(join(root, file), 'utf8'))
      return problemsOf(dirname(file), manifest).map((problem) => `${file}: ${problem}`)
    })
}

function problemsOf(folder: string, manifest: Manifest): string[] {
  if (!folder.startsWith('packages/')) return manifest.private ? [] : ['must be private']
  const { name, license, repository, exports = {}, publishConfig } = manifest
  const here = Object.keys(exports).join(' ')
  const published = Object.keys(publishConfig?.exports ?? {}).join(' ')
  const rules: [boolean, string][] = [
    [manifest.private === true, 'must not be private'],
    [name !== folder.replace('packages', '@mortise'), `must be named after ${folder}`],
    [license !== 'MIT', 'must name its licence'],
    [repository?.directory !== folder, `repository.directory must be ${folder}`],
    [publishConfig?.access !== 'public', 'publishConfig.access must be public'],
    [here !== published, `publishConfig.exports must have the doors of exports: ${here}`],
    [
      JSON.stringify(publishConfig?.exports ?? {}).includes('@mortise/source'),
      'publishConfig.exports must not name sources',
    ],
  ]
  return rules.filter(([broken]) => broken).map(([, message]) => message)
}
