import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { fromUnknown } from '@mortise/errors'
import { configFromEnv } from './config.ts'
import { createNarrator } from './narrator.ts'
import { type Demo, startDemo } from './start-demo.ts'
import { summary, tellStory } from './story.ts'

const USAGE = `Usage: pnpm demo [--keep]

Runs the whole flow on this machine: a platform that posts signed webhooks, the seven packages, a file
store. --keep leaves it running until Ctrl-C. S3_ENDPOINT and NATS_URL replace the embedded defaults.`

const FAILURE_EXIT_CODE = 1
const USAGE_EXIT_CODE = 2
const INTERRUPTED_EXIT_CODE = 130

const flags = readFlags()
if (flags?.help) console.log(USAGE)
else if (flags) await main(flags).catch(explain)

function readFlags(): { keep: boolean; help: boolean } | undefined {
  try {
    return parseArgs({
      options: {
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
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

async function main({ keep }: { keep: boolean }): Promise<void> {
  const narrator = createNarrator(process.stdout)
  const interrupted = once(process, 'SIGINT').then(() => 'interrupted' as const)
  const demo = await startDemo(configFromEnv(process.env, process.cwd()), narrator)
  try {
    await show(demo, { interrupted, keep })
  } finally {
    await demo[Symbol.asyncDispose]()
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
