import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { configFromEnv } from './config.ts'
import { createNarrator } from './narrator.ts'
import { type Demo, startDemo } from './start-demo.ts'
import { summary, tellStory } from './story.ts'

const USAGE = `Usage: pnpm demo [--keep]

Runs the whole flow on this machine: a platform that posts signed webhooks, the seven packages, a file
store. --keep leaves it running until Ctrl-C. S3_ENDPOINT and NATS_URL replace the embedded defaults.`

const { values } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
})
if (values.help) console.log(USAGE)
else await main()

async function main(): Promise<void> {
  const narrator = createNarrator(process.stdout)
  const interrupted = once(process, 'SIGINT').then(() => 'interrupted' as const)
  const demo = await startDemo(configFromEnv(process.env, process.cwd()), narrator)
  try {
    await show(demo, interrupted)
  } finally {
    await demo[Symbol.asyncDispose]()
  }
}

async function show(demo: Demo, interrupted: Promise<'interrupted'>): Promise<void> {
  const { narrator } = demo.parts
  const began = performance.now()
  const story = tellStory(demo)
  if ((await Promise.race([story, interrupted])) === 'interrupted') {
    story.catch(() => {}) // what the interruption breaks off
    narrator.say('\nStopped.')
    return
  }
  narrator.chapter('Done', `in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  narrator.table(await summary(demo))
  if (!values.keep) return
  narrator.say(`\nStill running. Webhooks go to ${demo.webhookUrl}; Ctrl-C ends it.`)
  await interrupted
}
