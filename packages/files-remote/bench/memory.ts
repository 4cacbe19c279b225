import { createS3StorageProvider } from '../dist/s3.js'
import { bucket, clientConfig } from './s3-bench.ts'

// One transfer in a process of its own; prints the most memory that it had, in MiB.
const [direction, path = '', key = ''] = process.argv.slice(2)
const provider = createS3StorageProvider({ bucket, clientConfig })
if (direction === 'up') await provider.put({ key, body: { path } })
else await provider.download?.({ key, path })
console.log(process.resourceUsage().maxRSS / 1024)
