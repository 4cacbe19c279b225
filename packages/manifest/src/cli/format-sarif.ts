import packageJson from '../../package.json' with { type: 'json' }
import type { Diagnostic } from '../diagnostic.ts'
import type { FileReport } from './validate-command.ts'

/** The exchange format of static analysis, with fixes. @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function formatSarif(reports: readonly FileReport[]): object {
  const codes = [
    ...new Set(reports.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code))),
  ]
  return {
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'mortise-manifest',
            version: packageJson.version,
            rules: codes.map((id) => ({ id, shortDescription: { text: words(id) } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: reports.flatMap(({ file, diagnostics }) =>
          diagnostics.map((diagnostic) =>
            toResult(file, diagnostic, codes.indexOf(diagnostic.code)),
          ),
        ),
      },
    ],
  }
}

function toResult(file: string, diagnostic: Diagnostic, ruleIndex: number): object {
  const { code, severity, message, hint, line, column, offset, length, fix } = diagnostic
  const artifactLocation = { uri: file.split(/[\\/]/).map(encodeURIComponent).join('/') }
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: hint === undefined ? message : `${message} ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation,
          region: { startLine: line, startColumn: column, charOffset: offset, charLength: length },
        },
      },
    ],
    ...(fix && {
      fixes: [
        {
          description: { text: fix.description },
          artifactChanges: [
            {
              artifactLocation,
              replacements: fix.edits.map((edit) => ({
                deletedRegion: { charOffset: edit.offset, charLength: edit.length },
                insertedContent: { text: edit.text },
              })),
            },
          ],
        },
      ],
    }),
  }
}

/** `MANIFEST_KEY_DUPLICATE` → `Key duplicate`. */
function words(code: string): string {
  const text = code
    .replace(/^MANIFEST_/, '')
    .replaceAll('_', ' ')
    .toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}
