import { createFsStorageProvider } from '../../src/fs/index.ts'

// Adds to a counter under one key by compare-and-set, so many times, and says how often it lost.
const { folder, key, times, endless } = JSON.parse(process.argv[2] ?? '{}')
const provider = createFsStorageProvider({ folder, durable: false })
const text = async (body: AsyncIterable<Uint8Array>) => {
  let all = ''
  for await (const chunk of body) all += Buffer.from(chunk).toString()
  return all
}

for (let done = 0; endless || done < times; ) {
  const { body, etag } = await provider.get({ key })
  const count = Number(await text(body))
  try {
    const metadata = { count: String(count + 1) }
    await provider.put({ key, body: Buffer.from(String(count + 1)), metadata, ifMatch: etag })
    done += 1
    if (endless && done === 3) process.stdout.write('writing\n')
  } catch (error) {
    if ((error as { code?: string }).code !== 'FILES_REMOTE_PRECONDITION_FAILED') throw error
  }
}
