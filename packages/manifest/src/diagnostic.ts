/** Where in the document: property names and list positions from the root. */
export type DocumentPath = readonly (string | number)[]

/** What a diagnostic says; every code is listed in the README. */
export type DiagnosticCode = `MANIFEST_${string}`

/** One replacement in the source text: `length` UTF-16 units from `offset` become `text`. */
export interface TextEdit {
  offset: number
  length: number
  text: string
}

/** A change that would resolve a diagnostic without losing meaning. */
export interface DiagnosticFix {
  /** What the change does, for a person. */
  description: string
  edits: readonly TextEdit[]
}

/** One thing that is wrong or questionable in a document, with its place in the source. */
export interface Diagnostic {
  code: DiagnosticCode
  /** An `error` makes `ok` false; a `warning` does not. */
  severity: 'error' | 'warning'
  path: DocumentPath
  /** From 1. */
  line: number
  /** From 1, in UTF-16 units. */
  column: number
  /** UTF-16 units from the start of the text, and how many the finding covers. */
  offset: number
  length: number
  /** Names the property, what is wrong; never the value of a secret. */
  message: string
  /** What to do. */
  hint?: string
  fix?: DiagnosticFix
}

/** A change in terms of the document; the source turns it into text edits. */
export type Change =
  | { set: DocumentPath; value: unknown }
  | { remove: DocumentPath }
  | { rename: DocumentPath; to: string }

/** A diagnostic before its place in the source is known. */
export interface Finding {
  code: DiagnosticCode
  severity: 'error' | 'warning'
  path: DocumentPath
  message: string
  hint?: string | undefined
  fix?: { description: string; changes: readonly Change[] } | undefined
  /** Points at the property's name instead of its value. */
  at?: 'key' | undefined
  /** A known place, when the finding is about the text and not the document. */
  range?: { offset: number; length: number } | undefined
}

/** `authentication.fields[0].name`; the root is `the document`. */
export function formatPath(path: DocumentPath): string {
  if (path.length === 0) return 'the document'
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w$]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(part.slice(0, MAX_SHOWN_KEY))}]`
  }
  return text
}

/** A hostile key must not fill a log line. */
const MAX_SHOWN_KEY = 60
