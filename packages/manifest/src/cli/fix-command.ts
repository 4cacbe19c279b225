import { parseArgs } from 'node:util'
import { fixManifest } from '../fix-manifest.ts'
import { type CliWorld, EXIT, readNamed, UsageError } from './cli-world.ts'
import { documentPaths } from './find-document.ts'
import { formatPretty } from './format-pretty.ts'

/** `fix`: every fix of every diagnostic, in place; says what is left. */
export async function fix(args: string[], world: CliWorld): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      stdout: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  if (values.stdout && values.json) throw new UsageError('Choose one of --stdout and --json.')
  const reports = []
  for (const file of await documentPaths(positionals, world)) {
    const text = await readNamed(world, file)
    const fixed = fixManifest(text)
    if (values.stdout || file === '-') world.write(fixed.text)
    else if (fixed.text !== text) await world.writeFile(file, fixed.text)
    reports.push({ file, applied: fixed.applied, diagnostics: fixed.remaining })
  }
  const isQuiet = values.stdout || reports.some(({ file }) => file === '-')
  if (values.json) world.write(`${JSON.stringify(reports, null, 2)}\n`)
  else if (!isQuiet) {
    for (const { file, applied } of reports)
      for (const { line, message, fix: done } of applied)
        world.write(`${file}:${line} ${message} ${done?.description ?? ''}.\n`)
    world.write(formatPretty(reports, { isColorful: world.isColorful }))
  }
  const isLeft = reports.some(({ diagnostics }) =>
    diagnostics.some(({ severity }) => severity === 'error'),
  )
  return isLeft ? EXIT.found : EXIT.ok
}
