import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { fromUnknown } from '@mortise/errors'
import { configFromEnv } from './config.ts'
import { findServers, type RealServers } from './find-servers.ts'
import { createNarrator } from './narrator.ts'
import { type Demo, startDemo } from './start-demo.ts'
import { summary, tellStory } from './story.ts'

const USAGE = `Usage: pnpm demo [--keep] [--nats] [--s3]

Runs the whole flow on this machine: platforms that post signed webhooks, the seven packages, a file store,
and a control room to watch it in.

  --once   tell the story and end (the default)
  --keep   stay until Ctrl-C
  --nats   messages in JetStream: the server of NATS_URL, or one that is started here
  --s3     files on S3: the server of S3_ENDPOINT, or the one that \`pnpm s3 up\` starts

S3_ENDPOINT and NATS_URL count without the flags, too. Exit codes: 0 told, 1 failed, 2 wrong usage, 130 interrupted.`

const FAILURE_EXIT_CODE = 1
const USAGE_EXIT_CODE = 2
const INTERRUPTED_EXIT_CODE = 130

const flags = readFlags()
if (flags?.help) console.log(USAGE)
else if (flags) await main(flags).catch(explain)

interface Flags extends RealServers {
  once: boolean
  keep: boolean
  help: boolean
}

function readFlags(): Flags | undefined {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({ options: { once: flag, keep: flag, nats: flag, s3: flag, help: flag } })
      .values
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
  const narrator = createNarrator(process.stdout)
  const interrupted = once(process, 'SIGINT').then(() => 'interrupted' as const)
  const servers = await findServers(configFromEnv(process.env, process.cwd()), flags)
  try {
    const demo = await startDemo(servers.config, narrator)
    try {
      await show(demo, { interrupted, keep: flags.keep && !flags.once })
    } finally {
      await demo[Symbol.asyncDispose]()
    }
  } finally {
    await servers[Symbol.asyncDispose]()
  }
}

async function show(
  demo: Demo,
  { interrupted, keep }: { interrupted: Promise<'interrupted'>; keep: boolean },
): Promise<void> {
  const { narrator } = demo.parts
  narrator.say(`The control room is at ${demo.roomUrl}`)
  const began = performance.now()
  const story = tellStory(demo)
  if ((await Promise.race([story, interrupted])) === 'interrupted') {
    story.catch(() => {}) // what the interruption breaks off
    narrator.say('\nStopped.')
    process.exitCode = INTERRUPTED_EXIT_CODE
    return
  }
  narrator.chapter('Done', `in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  narrator.table(await summary(demo))
  if (!keep) return
  narrator.say(
    `\nStill running: open ${demo.roomUrl} to write, break things and watch. Ctrl-C ends it.`,
  )
  await interrupted
}
