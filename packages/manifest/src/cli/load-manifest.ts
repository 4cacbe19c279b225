import type { AppManifest } from '../app-manifest.ts'
import { parseManifest } from '../parse-manifest.ts'
import { type CliWorld, readNamed } from './cli-world.ts'
import { formatPretty } from './format-pretty.ts'

/** The manifest in a file; `undefined` after saying why there is none. */
export async function loadManifest(
  file: string,
  world: CliWorld,
): Promise<AppManifest | undefined> {
  const text = await readNamed(world, file)
  const parsed = parseManifest(text, { dialect: 'legacy' })
  if (!parsed.ok)
    world.writeError(
      formatPretty([{ file, diagnostics: parsed.diagnostics }], { isColorful: false }),
    )
  return parsed.manifest
}
