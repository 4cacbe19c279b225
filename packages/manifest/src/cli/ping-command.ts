import { parseArgs } from 'node:util'
import type { AppManifest, AuthValues } from '../app-manifest.ts'
import type { PingModule } from '../ping/ping-function.ts'
import { type PingResult, runPing } from '../ping/run-ping.ts'
import { isTimeout } from '../timeout.ts'
import { type CliWorld, EXIT, readNamed, UsageError } from './cli-world.ts'
import { documentPath } from './find-document.ts'
import { loadManifest } from './load-manifest.ts'

/** `ping`: whether credentials work, and if not, who must act. Credentials come from a file, never from arguments. */
export async function ping(args: string[], world: CliWorld): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      auth: { type: 'string' },
      env: { type: 'string' },
      module: { type: 'string' },
      'timeout-ms': { type: 'string' },
      'allow-private-network': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const timeoutMs = values['timeout-ms'] === undefined ? undefined : Number(values['timeout-ms'])
  if (timeoutMs !== undefined && !isTimeout(timeoutMs))
    throw new UsageError('--timeout-ms is a whole number of milliseconds, at most 2147483647.')
  const manifest = await loadManifest(await documentPath(positionals, world), world)
  if (!manifest) return EXIT.found
  const auth = await readAuth(manifest, values.auth, world)
  const exports = values.module === undefined ? undefined : await loadModule(values.module, world)
  const result = await runPing(
    manifest,
    { auth, meta: { env: values.env } },
    {
      exports,
      timeoutMs,
      fetch: world.fetch,
      allowPrivateNetwork: values['allow-private-network'],
    },
  )
  world.write(
    values.json ? `${JSON.stringify(result, null, 2)}\n` : describe(manifest.name, result),
  )
  return result.ok ? EXIT.ok : EXIT.found
}

/** Nothing is asked of an app that needs nothing. */
async function readAuth(
  manifest: AppManifest,
  path: string | undefined,
  world: CliWorld,
): Promise<AuthValues> {
  const { type, fields = [] } = manifest.authentication
  if (path === undefined && type === 'no_auth' && fields.length === 0) return {}
  return parseAuth(await readNamed(world, path ?? '-'), path ?? '-')
}

function parseAuth(text: string, path: string): AuthValues {
  let auth: unknown
  try {
    auth = JSON.parse(text)
  } catch {
    auth = undefined // the parser's own words would quote the text
  }
  if (typeof auth === 'object' && auth !== null && !Array.isArray(auth)) return auth as AuthValues
  throw new UsageError(
    `${path === '-' ? 'The standard input' : path} is not a JSON object of credentials.`,
  )
}

async function loadModule(path: string, world: CliWorld): Promise<PingModule> {
  const loaded = (await world.importModule(path)) as { default?: PingModule } & PingModule
  const module = loaded.ping ? loaded : loaded.default
  if (typeof module?.ping === 'function') return module
  throw new UsageError(`${path} exports no function "ping".`)
}

function describe(name: string, result: PingResult): string {
  if (result.ok) return `${name}: the credentials work (${Math.round(result.latencyMs)} ms)\n`
  const { reason, error } = result
  return `${name}: ${reason}\n  ${error.message} ${error.code}\n`
}
