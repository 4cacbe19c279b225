import { extname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { manifestTypes } from '../manifest-types.ts'
import { type CliWorld, EXIT, UsageError } from './cli-world.ts'
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
  const out = values.out ?? declarationFile(file)
  if (resolve(out) === resolve(file)) throw new UsageError('--out would replace the document.')
  if (values.stdout || file === '-') world.write(source)
  else {
    await world.writeFile(out, source)
    world.write(`Wrote ${out}. TypeScript reads it with "allowArbitraryExtensions": true.\n`)
  }
  return EXIT.ok
}

/** `app.json` → `app.d.json.ts`, where TypeScript looks for the types of a file that is no program. */
function declarationFile(file: string): string {
  const extension = extname(file)
  return `${file.slice(0, file.length - extension.length)}.d${extension}.ts`
}
