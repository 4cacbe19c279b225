// One writer process: sends its events, those first that were not acknowledged before it was killed, and notes each
// acknowledgement in a file the moment it has it.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { isIntegrationError } from '@mortise/errors'
import { createSegmentsUploader, type SegmentsUploader } from '@mortise/segments-uploader'
import { createS3SegmentsUploader } from '@mortise/segments-uploader/s3'
import { openFolderTarget } from './folder-store.ts'
import { lossyTarget } from './lossy-target.ts'
import type { WriterTask } from './task.ts'

process.on('disconnect', () => process.exit(1)) // nobody waits for it any more
process.channel?.unref()

const task = JSON.parse(process.argv[2] ?? '{}') as WriterTask
const noted = existsSync(task.acknowledged) ? readFileSync(task.acknowledged, 'utf8') : ''
const done = new Set(noted.split('\n'))
const waiting = Array.from({ length: task.events }, (_, event) => `${task.name}-${event}`).filter(
  (id) => !done.has(id),
)
const uploader = await openUploader(task)

await Promise.all(Array.from({ length: task.callers }, work))
await uploader.close()

async function openUploader({ access, delivery, aheadMs }: WriterTask): Promise<SegmentsUploader> {
  const options = { now: () => Date.now() + aheadMs, delivery, requestTimeoutMs: 5_000 }
  if (access.kind === 's3') return createS3SegmentsUploader(access.config, options)
  const target = await openFolderTarget(access.module, access.folder)
  return createSegmentsUploader({ ...options, target: lossyTarget(target, access.rates) })
}

async function work(): Promise<void> {
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    await send(id)
    appendFileSync(task.acknowledged, `${id}\n`)
  }
}

async function send(id: string): Promise<void> {
  const payload = { traits: { smi_uid: id }, segments: ['a', 'b'] }
  for (;;) {
    try {
      await uploader.upload(payload, { idempotencyKey: id })
      return
    } catch (error) {
      // Not acknowledged: sent again, under the same key, unless the store is refused for good.
      if (isIntegrationError(error) && error.code === 'SEGMENTS_TARGET_UNSAFE') throw error
    }
  }
}
