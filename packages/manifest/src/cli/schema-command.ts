import { parseArgs } from 'node:util'
import actionMeta from '../../schemas/action-meta.schema.json' with { type: 'json' }
import appManifest from '../../schemas/app-manifest.schema.json' with { type: 'json' }
import helperMeta from '../../schemas/helper-meta.schema.json' with { type: 'json' }
import triggerMeta from '../../schemas/trigger-meta.schema.json' with { type: 'json' }
import { type CliWorld, EXIT, UsageError } from './cli-world.ts'

const SCHEMAS: Readonly<Record<string, object>> = {
  'app-manifest': appManifest,
  'trigger-meta': triggerMeta,
  'action-meta': actionMeta,
  'helper-meta': helperMeta,
}

/** `schema`: a JSON Schema, for editors and other validators. */
export function schema(args: string[], world: CliWorld): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} })
  const [name = 'app-manifest'] = positionals
  if (positionals.length > 1 || !Object.hasOwn(SCHEMAS, name))
    throw new UsageError(`The schema is one of ${Object.keys(SCHEMAS).join(', ')}.`)
  world.write(`${JSON.stringify(SCHEMAS[name], null, 2)}\n`)
  return Promise.resolve(EXIT.ok)
}
