import { checkCommand } from './check-command.ts'
import { type CliIo, UsageError } from './cli-io.ts'
import { invokeCommand } from './invoke-command.ts'
import { replayCommand } from './replay-command.ts'
import { serveCommand } from './serve-command.ts'

const HELP = `mortise-hooks <command> <module> [options]

  dev <module>                    serve it on this machine, and again after every change
      --port 8080  --hostname 127.0.0.1  --token-variable NAME  --no-watch
  invoke <module> <function>      call one function; its options come as JSON from standard input
      --input FILE  --type hook  --connector ID  --timeout MS
  check <module> [sources...]     look for mistakes without calling anything
      --strict  --captures FILE
  record <module> --output FILE   serve it and write every call to a file, without secrets
      --max 1000  --redact NAME  and the options of dev
  replay <module> <captures>      run recorded calls again and show what changed
      --redact NAME

  --json      machine-readable output      --help  --version

Exit codes: 0 done, 1 the call failed, something changed or was found, 2 wrong usage.
`

const commands: Readonly<Record<string, (args: string[], io: CliIo) => Promise<number>>> = {
  dev: (args, io) => serveCommand('dev', args, io),
  record: (args, io) => serveCommand('record', args, io),
  invoke: invokeCommand,
  check: checkCommand,
  replay: replayCommand,
}

/** Runs one command and gives its exit code. Never throws for what the user did wrong. */
export async function runCli(args: readonly string[], io: CliIo, version: string): Promise<number> {
  const [name, ...rest] = args
  if (name === '--version' || name === '-v') {
    io.write(`${version}\n`)
    return 0
  }
  if (name === undefined || name === '--help' || name === '-h' || rest.includes('--help')) {
    ;(name === undefined ? io.warn : io.write)(HELP)
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  try {
    if (command === undefined) throw new UsageError(`There is no command "${name}".`)
    return await command(rest, io)
  } catch (error) {
    if (!isUsageError(error)) throw error
    io.warn(`${(error as Error).message}\nmortise-hooks --help says more.\n`)
    return 2
  }
}

/** Ours, Node's about arguments, and those about a port and a name. */
function isUsageError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return (
    error instanceof UsageError ||
    (typeof code === 'string' &&
      /^(ERR_PARSE_ARGS_|EADDRINUSE|EACCES|EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN)/.test(code))
  )
}
