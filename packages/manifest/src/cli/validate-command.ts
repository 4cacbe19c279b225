import { parseArgs } from 'node:util'
import type { Diagnostic } from '../diagnostic.ts'
import { type MetaKind, parseMeta } from '../meta/parse-meta.ts'
import { parseManifest } from '../parse-manifest.ts'
import { type CliWorld, EXIT, readNamed, UsageError } from './cli-world.ts'
import { documentPaths } from './find-document.ts'
import { formatGithub } from './format-github.ts'
import { formatPretty } from './format-pretty.ts'
import { formatSarif } from './format-sarif.ts'

/** What was found in one file. */
export interface FileReport {
  file: string
  diagnostics: Diagnostic[]
}

const FORMATS: Readonly<Record<string, (reports: FileReport[], world: CliWorld) => string>> = {
  pretty: (reports, world) => formatPretty(reports, { isColorful: world.isColorful }),
  json: (reports) => `${JSON.stringify(reports, null, 2)}\n`,
  sarif: (reports) => `${JSON.stringify(formatSarif(reports), null, 2)}\n`,
  github: formatGithub,
}

const KINDS = ['app', 'trigger', 'action', 'helper']

/** `validate`: everything that is wrong, in the format asked for. */
export async function validate(args: string[], world: CliWorld): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      strict: { type: 'boolean', default: false },
      format: { type: 'string', default: 'pretty' },
      json: { type: 'boolean', default: false },
      kind: { type: 'string' },
      locales: { type: 'string' },
    },
  })
  const name = values.json ? 'json' : values.format
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (!format) throw new UsageError(`--format is one of ${Object.keys(FORMATS).join(', ')}.`)
  if (values.kind !== undefined && !KINDS.includes(values.kind))
    throw new UsageError(`--kind is one of ${KINDS.join(', ')}.`)
  const reports: FileReport[] = []
  for (const file of await documentPaths(positionals, world)) {
    const text = await readNamed(world, file)
    const kind = values.kind ?? kindByPath(file)
    reports.push({ file, diagnostics: diagnose(text, kind, values) })
  }
  world.write(format(reports, world))
  const hasErrors = reports.some(({ diagnostics }) =>
    diagnostics.some(({ severity }) => severity === 'error'),
  )
  return hasErrors ? EXIT.found : EXIT.ok
}

function diagnose(
  text: string,
  kind: string,
  options: { strict: boolean; locales?: string | undefined },
) {
  if (kind !== 'app') return parseMeta(kind as MetaKind, text).diagnostics
  const locales = options.locales?.split(',').filter((locale) => locale !== '')
  return parseManifest(text, {
    dialect: options.strict ? 'strict' : 'legacy',
    ...(locales && { locales }),
  }).diagnostics
}

/** `lib/triggers/new_lead/meta.json` says what it is. */
function kindByPath(file: string): string {
  const folder =
    /(?:^|[\\/])(triggers|actions|helper_methods|helpers)[\\/][^\\/]+[\\/]meta\.json$/.exec(
      file,
    )?.[1]
  return folder === undefined
    ? 'app'
    : { t: 'trigger', a: 'action', h: 'helper' }[folder[0] as 't' | 'a' | 'h']
}
