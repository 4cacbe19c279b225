import { type CliIo, EXIT, UsageError } from './cli-io.ts'
import { deadLetters } from './dead-letters.ts'
import { doctor } from './doctor.ts'
import { simulate } from './simulate.ts'
import { tail } from './tail.ts'

const HELP = `mortise-messaging: look after messaging transports

  simulate PLATFORM --url URL [--events N] [--text TEXT] [--command NAME] [--batch N] [--duplicates SHARE]
           [--reorder PLACES] [--concurrency N] [--seed N] [--credentials FILE.json]
           posts signed webhooks as the platform does, and waits until they are acknowledged
  tail     --transport ADDRESS [--channel NAME] [--all]      events as they are stored; Ctrl-C ends
  dead-letters list|show ID|redrive ID...|redrive --all|discard ID...  --transport ADDRESS [--group G] [--queue Q]
  doctor   --transport ADDRESS [--max-age-ms MS] [--remove-group G]     lag, dead letters, health

ADDRESS is sqlite:PATH, or nats://HOST:PORT or tls://HOST:PORT (with --prefix if the transport has one, and
--creds FILE if the server asks for it). Nothing is created that is not there.
Every command: --json, --help. Exit codes: 0 fine, 1 something is wrong, 2 wrong command line.`

const COMMANDS: Record<string, (args: string[], io: CliIo) => Promise<number>> = {
  simulate,
  tail,
  'dead-letters': deadLetters,
  doctor,
}

/** Runs one command line and answers with its exit code. Touches no global. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const [name = '--help', ...rest] = args
  if (name === '--version') {
    io.out(await version())
    return EXIT.ok
  }
  if (name === '--help' || name === 'help' || rest.includes('--help')) {
    io.out(HELP)
    return EXIT.ok
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  try {
    if (!command) throw new UsageError(`no command ${name}`)
    return await command(rest, io)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    io.error(`mortise-messaging: ${message}`)
    if (!isUsage(error)) return EXIT.problem
    io.error('mortise-messaging --help shows how it is used')
    return EXIT.usage
  }
}

/** Ours, and those of `parseArgs`. */
function isUsage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS')
}

async function version(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
