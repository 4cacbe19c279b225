// A process that logs events as fast as it can and says which ones were acknowledged, until it is killed.
import { writeSync } from 'node:fs'
import { createSegmentsUploader } from '@mortise/segments-uploader'
import { createLocalSegmentsUploader } from '@mortise/segments-uploader/local'
import { createMemorySegmentTarget } from '@mortise/segments-uploader/memory'

const target = createMemorySegmentTarget()
const uploader = createSegmentsUploader({
  target: { ...target, stat: () => new Promise<never>(() => {}) },
})
const local = await createLocalSegmentsUploader({ uploader, folder: process.argv[2] ?? '' })
const occurredAt = new Date('2026-11-21T12:00:00Z')
for (let event = 0; ; event += 1) {
  await local.upload({ traits: { smi_uid: `u${event}` } }, { occurredAt })
  writeSync(1, `u${event}\n`)
}
