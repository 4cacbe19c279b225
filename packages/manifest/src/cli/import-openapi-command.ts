import { parseArgs } from 'node:util'
import { importOpenApi } from '../openapi/import-openapi.ts'
import { type CliWorld, EXIT, readNamed, UsageError } from './cli-world.ts'

/** `import-openapi`: a first draft of a manifest; what is missing goes to the error output. */
export async function importOpenapi(args: string[], world: CliWorld): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { scheme: { type: 'string' }, out: { type: 'string' } },
  })
  const [file] = positionals
  if (file === undefined || positionals.length > 1)
    throw new UsageError('import-openapi takes one file.')
  const description = parse(await readNamed(world, file), file)
  const { document, notes } = importOpenApi(
    description,
    values.scheme === undefined ? {} : { scheme: values.scheme },
  )
  const text = `${JSON.stringify(document, null, 2)}\n`
  if (values.out === undefined) world.write(text)
  else await world.writeFile(values.out, text)
  for (const note of notes) world.writeError(`${note}\n`)
  return EXIT.ok
}

function parse(text: string, file: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && ('openapi' in value || 'swagger' in value))
      return value
  } catch {
    throw new UsageError(`${file} is not JSON. Convert YAML first.`)
  }
  throw new UsageError(
    `${file} is not an OpenAPI document: it has neither "openapi" nor "swagger".`,
  )
}
