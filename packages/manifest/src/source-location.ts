import { findNodeAtLocation, modify, type Node, parseTree } from 'jsonc-parser'
import type { Change, Diagnostic, DiagnosticFix, Finding, TextEdit } from './diagnostic.ts'

/** Every change reads the whole text: as many characters as all of them may read, a fraction of a second. */
const MAX_CHARACTERS_READ = 2_000_000

/** Finds places only when asked: most documents have nothing to say. */
export function createLocator(text: string): (finding: Finding) => Diagnostic {
  let parsed: Node | undefined
  let lineStarts: number[] | undefined
  let changesLeft = Math.ceil(MAX_CHARACTERS_READ / (text.length + 1))
  return (finding) => {
    const needsTree = finding.range === undefined || finding.fix !== undefined
    if (needsTree) parsed ??= parseTree(text)
    const tree = parsed
    const range = finding.range ?? place(tree, finding)
    lineStarts ??= findLineStarts(text)
    const line = lineIndex(lineStarts, range.offset)
    const edits = (finding as { edits?: TextEdit[] }).edits
    const fix = edits
      ? { description: finding.hint ?? '', edits }
      : finding.fix && changesLeft-- > 0
        ? toFix(text, finding.fix, tree)
        : undefined
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
function toFix(
  text: string,
  fix: { description: string; changes: readonly Change[] },
  tree: Node | undefined,
): DiagnosticFix | undefined {
  const edits: TextEdit[] = []
  for (const change of fix.changes) {
    const own = toEdits(text, change, tree)
    if (own.length === 0) return undefined
    edits.push(...own)
  }
  return { description: fix.description, edits }
}

function toEdits(text: string, change: Change, tree: Node | undefined): TextEdit[] {
  if ('rename' in change) {
    const key = tree && findNodeAtLocation(tree, [...change.rename])?.parent?.children?.[0]
    return key ? [{ offset: key.offset, length: key.length, text: JSON.stringify(change.to) }] : []
  }
  const path = 'set' in change ? change.set : change.remove
  try {
    const edits = modify(text, [...path], 'set' in change ? change.value : undefined, {
      formattingOptions: { insertSpaces: true, tabSize: 2 },
    })
    return edits.map(({ offset, length, content }) => ({ offset, length, text: content }))
  } catch {
    return [] // the text is broken where the change would go
  }
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
