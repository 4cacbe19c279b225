import packageJson from '../../package.json' with { type: 'json' }
import { type CliWorld, EXIT, UsageError } from './cli-world.ts'
import { fix } from './fix-command.ts'
import { importOpenapi } from './import-openapi-command.ts'
import { ping } from './ping-command.ts'
import { schema } from './schema-command.ts'
import { types } from './types-command.ts'
import { validate } from './validate-command.ts'

type Command = (args: string[], world: CliWorld) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = {
  validate,
  fix,
  types,
  schema,
  ping,
  'import-openapi': importOpenapi,
}

const HELP = `Usage: mortise-manifest <command> [options]

Commands
  validate [file...]        Say everything that is wrong with app.json and meta.json files
                              --strict              exactly the documented grammar
                              --format <name>       pretty (default), json, sarif, github
                              --kind <name>         app, trigger, action, helper (default: by path)
                              --locales <a,b>       languages every description needs (default: pt_BR,en)
  fix [file...]             Apply every fix, in place
                              --stdout              print the result instead
                              --json                report what was done as JSON
  types [file]              Write the type of event.auth
                              --out <file>          default: app.d.json.ts beside it
                              --stdout              print it instead
  schema [name]             Print a JSON Schema: app-manifest (default), trigger-meta, action-meta, helper-meta
  ping [file]               Find out whether credentials work
                              --auth <file>         the account's values as JSON; - for standard input (default)
                              --env <name>          environment (default: the default one)
                              --module <file>       the app's index.js; its exported ping wins
                              --timeout-ms <n>      default: 15000
                              --allow-private-network  also http: and private addresses
                              --json                answer as JSON
  import-openapi <file>     Draft a manifest from an OpenAPI document (JSON)
                              --scheme <name>       security scheme (default: the first that fits)
                              --out <file>          default: standard output

The default file is lib/app.json, or app.json; - is standard input.
Exit codes: 0 nothing found, 1 errors found or ping failed, 2 used wrongly.
  --help, --version
`

/** Runs one command and answers its exit code. Never throws. */
export async function runCli(args: readonly string[], world: CliWorld): Promise<number> {
  const [name, ...rest] = args
  if (
    name === undefined ||
    name === '--help' ||
    name === '-h' ||
    name === 'help' ||
    rest.includes('--help') ||
    rest.includes('-h')
  ) {
    if (name === undefined) world.writeError(HELP)
    else world.write(HELP)
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  if (name === '--version') {
    world.write(`${packageJson.version}\n`)
    return EXIT.ok
  }
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (!command) throw new UsageError(`There is no command "${name.slice(0, 40)}".`)
    return await command(rest, world)
  } catch (error) {
    const isUsage = error instanceof UsageError || isParseArgsError(error)
    world.writeError(`mortise-manifest: ${error instanceof Error ? error.message : 'failed'}\n`)
    if (isUsage) world.writeError('Try mortise-manifest --help.\n')
    return isUsage ? EXIT.usage : EXIT.found
  }
}

function isParseArgsError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')
}
