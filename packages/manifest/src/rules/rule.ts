import type { Change, DiagnosticCode, DocumentPath, Finding } from '../diagnostic.ts'
import type { AvailableNames } from './available-names.ts'

/** What a rule knows besides the document. */
export interface RuleContext {
  locales: readonly string[]
  names: AvailableNames
  report: Report
}

/** The words of a finding. */
export interface Words {
  message: string
  hint: string
  fix?: { description: string; changes: readonly Change[] }
  at?: 'key'
}

/** Notes a finding of a rule. */
export interface Report {
  error: (code: DiagnosticCode, path: DocumentPath, words: Words) => void
  warning: (code: DiagnosticCode, path: DocumentPath, words: Words) => void
  /** An error in the strict dialect, a warning in the legacy one. */
  strict: (code: DiagnosticCode, path: DocumentPath, words: Words) => void
}

/** Collects findings for one run of the rules. */
export function createReport(dialect: 'strict' | 'legacy', findings: Finding[]): Report {
  const add =
    (severity: Finding['severity']) => (code: DiagnosticCode, path: DocumentPath, words: Words) => {
      findings.push({ code, severity, path, ...words })
    }
  const [error, warning] = [add('error'), add('warning')]
  return { error, warning, strict: dialect === 'strict' ? error : warning }
}

// Rules read documents that may be wrong in every way, since all findings are answered, not the first:
// what is not of the expected type reads as empty, and the schema reports it.

/** The object, or an empty one. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

/** The list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The non-empty text, or `undefined`. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
