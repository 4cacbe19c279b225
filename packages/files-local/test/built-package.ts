import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

/**
 * The package as a plain process of the oldest Node can run it, for that one cannot read our sources (`await using`). It
 * stands in the package's folder, so that its dependencies are found.
 */
export async function buildPackage(): Promise<
  { url: string; commandPath: string } & AsyncDisposable
> {
  const outDir = await mkdtemp(fileURLToPath(new URL('../node_modules/.test-', import.meta.url)))
  const source = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url))
  await build({
    config: false,
    silent: true,
    entry: { index: source('index.ts'), command: source('cli/mortise-download.ts') },
    outDir,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    target: 'node22',
    skipNodeModulesBundle: true,
  })
  return {
    url: pathToFileURL(join(outDir, 'index.mjs')).href,
    commandPath: join(outDir, 'command.mjs'),
    [Symbol.asyncDispose]: () => rm(outDir, { recursive: true }),
  }
}
