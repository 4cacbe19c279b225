import { parseArgs } from 'node:util'
import { manifestTypes } from '../manifest-types.ts'
import { type CliWorld, EXIT } from './cli-world.ts'
import { documentPath } from './find-document.ts'
import { loadManifest } from './load-manifest.ts'

/** `types`: the declaration file beside the document. */
export async function types(args: string[], world: CliWorld): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: 'string' }, stdout: { type: 'boolean', default: false } },
  })
  const file = await documentPath(positionals, world)
  const manifest = await loadManifest(file, world)
  if (!manifest) return EXIT.found
  const source = manifestTypes(manifest)
  const out = values.out ?? file.replace(/\.json$/, '.d.json.ts')
  if (values.stdout || file === '-') world.write(source)
  else {
    await world.writeFile(out, source)
    world.write(`Wrote ${out}. TypeScript reads it with "allowArbitraryExtensions": true.\n`)
  }
  return EXIT.ok
}
