import { parseArgs } from 'node:util'
import { fromUnknown } from '@mortise/errors'
import { claimFolder } from './claim-folder.ts'
import { configFromEnv, type DemoConfig } from './config.ts'
import { findServers } from './find-servers.ts'
import { createNarrator } from './narrator.ts'
import { realConfigFromEnv } from './real/real-config.ts'
import type { Demo } from './running-demo.ts'
import { startDemo } from './start-demo.ts'
import { hearStop, type Stop } from './stopping.ts'
import { summary, tellStory } from './story.ts'

const USAGE = `Usage: pnpm demo [--keep] [--nats] [--s3] [--port N] [--host H] [--take-over]

Runs the whole flow on this machine: platforms that post signed webhooks, the seven packages, a file store,
and a control room to watch it in.

  --once   tell the story and end (the default)
  --keep   stay until Ctrl-C
  --nats   messages in JetStream: the server of NATS_URL, or one that is started here
  --s3     files on S3: the server of S3_ENDPOINT, or the one that \`pnpm s3 up\` starts

With --keep and the variables of real accounts (TELEGRAM_BOT_TOKEN, WHATSAPP_…; apps/demo/README.md lists them) these
answer instead of the simulated ones. DEMO_PUBLIC_URL is the https address that leads to this machine.

  --port N, --host H   where to listen for their webhooks (3000, 127.0.0.1)
  --take-over          replace a webhook address that somebody else set

S3_ENDPOINT and NATS_URL count without the flags, too. Exit codes: 0 told, 1 failed, 2 wrong usage,
128 and the signal's number when interrupted.`

const FAILURE_EXIT_CODE = 1
const USAGE_EXIT_CODE = 2

const flags = readFlags()
if (flags?.help) console.log(USAGE)
else if (flags) await main(flags)

type Flags = NonNullable<ReturnType<typeof readFlags>>
type Hearing = ReturnType<typeof hearStop>

function readFlags() {
  const flag = { type: 'boolean', default: false } as const
  const text = { type: 'string' } as const
  try {
    const servers = { nats: flag, s3: flag, port: text, host: text, 'take-over': flag }
    return parseArgs({ options: { once: flag, keep: flag, help: flag, ...servers } }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    process.exitCode = USAGE_EXIT_CODE
    return undefined
  }
}

/** A server that does not answer, a full disk: one line for a person, and an exit code for a script. */
function explain(error: unknown): void {
  const { code, kind, message } = fromUnknown(error)
  console.error(`${message} (${code}, ${kind})`)
  process.exitCode = FAILURE_EXIT_CODE
}

async function main(flags: Flags): Promise<void> {
  const { stopped, signal } = hearStop(process.stdout)
  const isTold = await run(flags, { stopped, signal }).catch((error) => {
    if (!signal.aborted) explain(error)
    return false
  })
  if (!signal.aborted) return
  const { exitCode, problem } = await stopped
  if (problem) console.error(problem)
  if (problem || !isTold) process.exitCode = exitCode // who stays until Ctrl-C is ended well by it
}

/** Whether everything was told that was asked for. */
async function run(flags: Flags, { stopped, signal }: Hearing): Promise<boolean> {
  const narrator = createNarrator(process.stdout)
  await using claimed = await claimFolder(process.cwd())
  const config = configOf(flags, claimed.folder)
  await using servers = await findServers(config, flags, { say: narrator.say, signal })
  await using demo = await startDemo(servers.config, narrator)
  return await show(demo, { stopped, keep: flags.keep && !flags.once })
}

/** Real accounts are for who stays to write to them; a story is told by simulated ones. */
function configOf(flags: Flags, folder: string): DemoConfig {
  const config = configFromEnv(process.env, folder)
  if (!flags.keep || flags.once) return config
  const { host, port, 'take-over': takeOver } = flags
  const real = realConfigFromEnv(process.env, { host, port, takeOver })
  return { ...config, ...(real && { real }) }
}

async function show(
  demo: Demo,
  { stopped, keep }: { stopped: Promise<Stop>; keep: boolean },
): Promise<boolean> {
  const { narrator } = demo.parts
  narrator.say(`The control room is at ${demo.roomUrl}`)
  if (demo.setup.config.real === undefined && !(await tell(demo, stopped))) return false
  if (!keep) return true
  narrator.say(
    `\nStill running: open ${demo.roomUrl} to write, break things and watch. Ctrl-C ends it.`,
  )
  await stopped
  return true
}

/** Whether the story was told to its end. */
async function tell(demo: Demo, stopped: Promise<Stop>): Promise<boolean> {
  const { narrator } = demo.parts
  const began = performance.now()
  const story = tellStory(demo).then(() => true)
  if (!(await Promise.race([story, stopped.then(() => false)]))) {
    story.catch(() => {}) // what the interruption breaks off
    narrator.say('\nStopped.')
    return false
  }
  narrator.chapter('Done', `in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  narrator.table(await summary(demo))
  return true
}
