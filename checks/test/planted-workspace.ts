import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type PackageManifest, readWorkspace, type Workspace } from '../src/workspace.ts'

/** A small workspace on disk, to plant violations in. Paths are relative to its root. */
export function plantedWorkspace(files: Record<string, string>): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'mortise-planted-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return readWorkspace(root)
}

/** A package.json with the given doors (`{ '.': './src/index.ts' }`). */
export function packageJson(
  name: string,
  doors: Record<string, string> = { '.': './src/index.ts' },
  rest: Partial<PackageManifest> = {},
): string {
  const exports = Object.fromEntries(
    Object.entries(doors).map(([door, file]) => [door, { '@mortise/source': file }]),
  )
  return JSON.stringify({ name, exports, ...rest })
}
