/**
 * Compares what the built packages export with the reports committed in `packages/<name>/etc/`, one a door,
 * so that a change of the public surface shows in review. `--update` writes them.
 */
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readWorkspace } from '../workspace.ts'
import { apiReports } from './api-reports.ts'
import { differences, readReports, writeReports } from './committed-reports.ts'

const SHOWN_LINES = 40

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } })
const root = fileURLToPath(new URL('../../..', import.meta.url))
const published = readWorkspace(root).packages.filter(({ manifest }) => !manifest.private)

for (const { folder } of published) {
  const current = await apiReports(folder, root)
  const place = `packages/${basename(folder)}`
  const found = differences(place, await readReports(folder), current)
  if (values.update) await writeReports(folder, current)
  for (const { file, lines } of found) {
    console.log(`${file}${values.update ? ' updated' : ' is out of date'}`)
    for (const line of lines.slice(0, SHOWN_LINES)) console.log(`  ${line}`)
    if (lines.length > SHOWN_LINES) console.log(`  … ${lines.length - SHOWN_LINES} more lines`)
  }
  if (found.length > 0 && !values.update) process.exitCode = 1
}
if (process.exitCode === 1) {
  console.log(
    '\nThe public surface changed. If it should, run `pnpm api:update` and commit the reports.',
  )
}
