import type { FileReport } from './validate-command.ts'

/** Workflow commands: each becomes an annotation in a pull request. @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function formatGithub(reports: readonly FileReport[]): string {
  return reports
    .flatMap(({ file, diagnostics }) =>
      diagnostics.map(({ severity, line, column, code, message, hint }) => {
        const place = `file=${property(file)},line=${line},col=${column},title=${property(code)}`
        return `::${severity} ${place}::${data(hint === undefined ? message : `${message} ${hint}`)}\n`
      }),
    )
    .join('')
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
