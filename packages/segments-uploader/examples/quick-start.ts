import { createSegmentsUploader } from '@mortise/segments-uploader'
import { createMemorySegmentTarget } from '@mortise/segments-uploader/memory'

const target = createMemorySegmentTarget()
const uploader = createSegmentsUploader({ target })

const receipt = await uploader.upload({ traits: { smi_uid: 'u1' }, segments: ['vip', 'eu'] })
console.log(receipt.position, target.read(receipt.key))
// 0 {"profiles":[{"smi_uid":"u1","segments":["vip","eu"]}]}
await uploader.close()
