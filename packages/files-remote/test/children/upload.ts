import { S3Client } from '@aws-sdk/client-s3'
import { createS3StorageProvider } from '../../src/s3/index.ts'

// Uploads a file, says so after every stored part, and hangs after two of them, to be killed there.
const { config, bucket, key, path, resumeFolder, partBytes } = JSON.parse(process.argv[2] ?? '{}')
const client = new S3Client(config)
let stored = 0
client.middlewareStack.add(
  (next, context) => async (args) => {
    if (context.commandName === 'UploadPartCommand' && stored === 2)
      return new Promise(() => setTimeout(() => undefined, 60_000))
    const result = await next(args)
    if (context.commandName === 'UploadPartCommand') {
      stored += 1
      process.stdout.write(`stored ${stored}\n`)
    }
    return result
  },
  { step: 'initialize' },
)
await createS3StorageProvider({ bucket, client, partBytes, resumeFolder, concurrency: 1 }).put({
  key,
  body: { path },
})
