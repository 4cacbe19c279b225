import { writeFile } from 'node:fs/promises'
import { createRemoteFiles } from '@mortise/files-remote'
import { createMemoryStorageProvider } from '@mortise/files-remote/memory'

const files = createRemoteFiles(createMemoryStorageProvider())

await writeFile('/tmp/report.csv', 'id,name\n1,Ada\n')
await files.upload({ fileKey: 'reports/2026.csv', filePath: '/tmp/report.csv' })
console.log(await files.fileExists({ fileKey: 'reports/2026.csv' }))
await files.download({
  fileKey: 'reports/2026.csv',
  pathToWrite: '/tmp/copy.csv',
  sizeLimit: 1_000_000,
})
