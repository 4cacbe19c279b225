import type { Diagnostic, TextEdit } from './diagnostic.ts'
import { type ParseManifestOptions, parseManifest } from './parse-manifest.ts'

/** A document after every fix that could be applied. */
export interface FixedManifest {
  text: string
  /** What was fixed, as it was found. */
  applied: Diagnostic[]
  /** What the strict dialect still has to say. */
  remaining: Diagnostic[]
}

/** One fix can make room for the next; no real document needs more rounds than that. */
const MAX_ROUNDS = 20

/**
 * Applies every fix of every diagnostic, changing nothing else in the text. Applying it twice changes nothing more,
 * but for a document with thousands of findings.
 */
export function fixManifest(
  text: string,
  options: Pick<ParseManifestOptions, 'locales'> = {},
): FixedManifest {
  const applied: Diagnostic[] = []
  let current = text
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { diagnostics } = parseManifest(current, { ...options, dialect: 'legacy' })
    const { edits, fixed } = chooseEdits(diagnostics)
    if (edits.length === 0) break
    current = applyEdits(current, edits)
    applied.push(...fixed)
  }
  return { text: current, applied, remaining: parseManifest(current, options).diagnostics }
}

/** Fixes whose edits do not touch; the others wait for the next round. */
function chooseEdits(diagnostics: readonly Diagnostic[]): {
  edits: TextEdit[]
  fixed: Diagnostic[]
} {
  const edits: TextEdit[] = []
  const fixed: Diagnostic[] = []
  for (const diagnostic of diagnostics) {
    const wanted = diagnostic.fix?.edits ?? []
    if (wanted.length === 0 || wanted.some((edit) => edits.some((other) => touch(edit, other))))
      continue
    if (wanted.some((edit, index) => wanted.slice(index + 1).some((other) => touch(edit, other))))
      continue
    edits.push(...wanted)
    fixed.push(diagnostic)
  }
  return { edits, fixed }
}

function touch(one: TextEdit, other: TextEdit): boolean {
  return one.offset <= other.offset + other.length && other.offset <= one.offset + one.length
}

/** Replaces parts of a text; the edits do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const pieces: string[] = []
  let last = 0
  for (const edit of [...edits].sort((one, other) => one.offset - other.offset)) {
    pieces.push(text.slice(last, edit.offset), edit.text)
    last = edit.offset + edit.length
  }
  return pieces.join('') + text.slice(last)
}
