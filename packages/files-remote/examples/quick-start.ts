import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteFiles } from '@mortise/files-remote'
import { createMemoryStorageProvider } from '@mortise/files-remote/memory'

const files = createRemoteFiles(createMemoryStorageProvider())
const folder = await mkdtemp(join(tmpdir(), 'quick-start-'))
const [fileKey, filePath] = ['reports/2026.csv', join(folder, 'report.csv')]

await writeFile(filePath, 'id,name\n1,Ada\n')
await files.upload({ fileKey, filePath })
console.log(await files.fileExists({ fileKey }))
await files.download({ fileKey, pathToWrite: join(folder, 'copy.csv'), sizeLimit: 1_000_000 })
