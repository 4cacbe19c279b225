import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { diff } from 'node:util'

/** How one door's report differs from what is committed. */
export interface Difference {
  /** `packages/errors/etc/index.api.md` */
  file: string
  /** Lines that appeared (`+ …`) and that are gone (`- …`), in the order of the reports. */
  lines: string[]
}

/** The committed reports of a package, by file name. */
export async function readReports(folder: string): Promise<Map<string, string>> {
  const etc = join(folder, 'etc')
  const names = (await readdir(etc).catch(() => [])).filter((name) => name.endsWith('.api.md'))
  const read = async (name: string) => [name, await readFile(join(etc, name), 'utf8')] as const
  return new Map(await Promise.all(names.map(read)))
}

/** Makes the committed reports be the given ones; those of doors that are gone are deleted. */
export async function writeReports(folder: string, reports: Map<string, string>): Promise<void> {
  const etc = join(folder, 'etc')
  await mkdir(etc, { recursive: true })
  for (const name of (await readReports(folder)).keys()) {
    if (!reports.has(name)) await rm(join(etc, name))
  }
  for (const [name, text] of reports) await writeFile(join(etc, name), text)
}

/** The doors whose report is new, gone or another. */
export function differences(
  place: string,
  committed: Map<string, string>,
  current: Map<string, string>,
): Difference[] {
  const names = [...new Set([...committed.keys(), ...current.keys()])].sort((a, b) =>
    a.localeCompare(b),
  )
  return names.flatMap((name) => {
    const lines = changedLines(committed.get(name) ?? '', current.get(name) ?? '')
    return lines.length > 0 ? [{ file: `${place}/etc/${name}`, lines }] : []
  })
}

/** The lines that a reader must look at, and nothing when the texts are the same. */
function changedLines(before: string, after: string): string[] {
  return diff(before.split('\n'), after.split('\n')).flatMap(([operation, line]) =>
    operation === 0 ? [] : [`${operation < 0 ? '+' : '-'} ${line}`],
  )
}
