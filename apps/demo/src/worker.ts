/**
 * The pipeline as a process of its own: `node worker.ts`, with the set-up as the first message from its parent.
 * It tells its steps to the parent. Killing it is part of the demo.
 */
import { once } from 'node:events'
import type { Narrator } from './narrator.ts'
import { openParts, type Setup } from './open-parts.ts'
import { startPipeline } from './start-pipeline.ts'

const narrator: Narrator = {
  step: (...step) => process.send?.(step),
  chapter: () => {},
  table: () => {},
  say: () => {},
}

process.once('disconnect', () => process.exit()) // whoever started us is gone: nobody else would end us
const [setup] = (await once(process, 'message')) as [Setup]
const parts = await openParts(setup, { narrator, use: (resource) => resource })
await startPipeline(parts)
process.send?.('ready')
