import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser'
import type { Diagnostic, DiagnosticFix, Finding, TextEdit } from './diagnostic.ts'
import { editsOf } from './document-edits.ts'

/** A fix may hold a long text, and so may each of a thousand: as many characters as all of them write. */
const MAX_CHARACTERS_WRITTEN = 2_000_000

/** Finds places only when asked: most documents have nothing to say. */
export function createLocator(text: string): (finding: Finding) => Diagnostic {
  let parsed: Node | undefined
  let lineStarts: number[] | undefined
  let charactersLeft = MAX_CHARACTERS_WRITTEN
  return (finding) => {
    const needsTree = finding.range === undefined || finding.fix !== undefined
    if (needsTree) parsed ??= parseTree(text)
    const tree = parsed
    const range = finding.range ?? place(tree, finding)
    lineStarts ??= findLineStarts(text)
    const line = lineIndex(lineStarts, range.offset)
    const fix = charactersLeft > 0 ? fixOf(finding, text, tree) : undefined
    for (const edit of fix?.edits ?? []) charactersLeft -= edit.text.length
    return {
      code: finding.code,
      severity: finding.severity,
      path: finding.path,
      line: line + 1,
      column: range.offset - (lineStarts[line] ?? 0) + 1,
      ...range,
      message: finding.message,
      ...(finding.hint !== undefined && { hint: finding.hint }),
      ...(fix && { fix }),
    }
  }
}

/** The value's place; for something absent, the place of the nearest thing around it. */
function place(tree: Node | undefined, finding: Finding): { offset: number; length: number } {
  for (let length = finding.path.length; tree && length >= 0; length--) {
    const node = findNodeAtLocation(tree, finding.path.slice(0, length))
    if (!node) continue
    if (length === finding.path.length && finding.at === 'key') {
      const key = node.parent?.children?.[0]
      if (key) return { offset: key.offset, length: key.length }
    }
    const isAround = length < finding.path.length
    return { offset: node.offset, length: isAround ? 1 : node.length }
  }
  return { offset: 0, length: 1 }
}

/** The edits of a fix; none when one of its changes has no place in the text as it is. */
function fixOf(finding: Finding, text: string, tree: Node | undefined): DiagnosticFix | undefined {
  const known = (finding as { edits?: TextEdit[] }).edits
  if (known) return { description: finding.hint ?? '', edits: known }
  const edits = tree && finding.fix && editsOf({ text, tree }, finding.fix.changes)
  return edits && finding.fix && { description: finding.fix.description, edits }
}

function findLineStarts(text: string): number[] {
  const starts = [0]
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1))
    starts.push(index + 1)
  return starts
}

function lineIndex(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
