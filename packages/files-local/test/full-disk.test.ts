import { writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { itWithSmallDisk, smallDisk } from '../../../scripts/vitest/small-disk.ts'
import { buildPackage } from './built-package.ts'
import { pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

itWithSmallDisk(
  'a disk that fills up in the middle ends the download, and its space is free again at once',
  { timeout: 30_000 },
  async () => {
    const body = pattern(20_000_000)
    await using server = await serve((request, response) => {
      response.setHeader('etag', '"one"')
      if (request.url === '/announced') response.setHeader('content-length', body.length)
      response.write(body.subarray(0, 10_000_000))
      response.end(body.subarray(10_000_000))
    })
    await using folder = await temporaryFolder()
    await using built = await buildPackage()
    await using disk = await smallDisk(8)
    const script = `
      import { readdirSync, statfsSync } from 'node:fs'
      import { downloadToFile } from ${JSON.stringify(built.url)}
      const [url, folder] = process.argv.slice(2)
      const free = () => statfsSync(folder).bavail
      const before = free()
      const seen = []
      for (const [path, options] of [
        ['', {}], ['', { resume: true }], ['', { connections: 2 }], ['announced', {}],
      ]) {
        const { code, kind, cause, details } = await downloadToFile(url + '/' + path, folder + '/a', {
          allow: 'anywhere', ...options,
        }).catch((error) => error)
        const announced = details.bytesNeeded
        seen.push({ code, kind, cause: cause?.code, announced, left: readdirSync(folder), lost: before - free() })
      }
      console.log(JSON.stringify(seen))`
    await writeFile(folder.file('fill.mjs'), script)
    const command = [process.execPath, '--no-warnings', folder.file('fill.mjs')]
    const seen = await disk.run([...command, server.url, disk.path])
    const full = { code: 'FILES_LOCAL_DISK_FULL', kind: 'transient', left: [], lost: 0 }
    const inTheMiddle = { ...full, cause: 'ENOSPC' }
    expect(JSON.parse(seen)).toEqual([
      inTheMiddle,
      inTheMiddle,
      inTheMiddle,
      { ...full, announced: body.length },
    ])
    expect(server.requests).toHaveLength(4)
  },
)
