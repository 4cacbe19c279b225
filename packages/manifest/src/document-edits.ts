// Turns changes to a document into edits of its text that leave everything else as it was written.
import { findNodeAtLocation, type Node } from 'jsonc-parser'
import type { Change, DocumentPath, TextEdit } from './diagnostic.ts'

/** A document as text and as tree. */
export interface SourceDocument {
  text: string
  tree: Node
}

/** The edits that make all of the changes; `undefined` when one of them has no place in the text. */
export function editsOf(
  document: SourceDocument,
  changes: readonly Change[],
): TextEdit[] | undefined {
  const edits: TextEdit[] = []
  for (const change of changes) {
    const edit = editOf(document, change)
    if (!edit) return undefined
    edits.push(edit)
  }
  return joinNeighbours(edits)
}

function editOf(document: SourceDocument, change: Change): TextEdit | undefined {
  if ('set' in change) return setting(document, change.set, change.value)
  const isRename = 'rename' in change
  const node = findNodeAtLocation(document.tree, [...(isRename ? change.rename : change.remove)])
  if (!node?.parent) return undefined
  if (!isRename) return removal(node)
  const key = node.parent.children?.[0]
  return key && edit(key.offset, endOf(key), JSON.stringify(change.to))
}

/** Takes the comma along that the entry no longer needs. */
function removal(node: Node): TextEdit | undefined {
  const entry = node.parent?.type === 'property' ? node.parent : node
  const { parent } = entry
  const siblings = parent?.children
  if (!parent || !siblings) return undefined
  const index = siblings.indexOf(entry)
  const [previous, next] = [siblings[index - 1], siblings[index + 1]]
  if (previous) return edit(endOf(previous), endOf(entry), '')
  return next ? edit(entry.offset, next.offset, '') : edit(parent.offset + 1, endOf(parent) - 1, '')
}

function setting(
  document: SourceDocument,
  path: DocumentPath,
  value: unknown,
): TextEdit | undefined {
  const { text, tree } = document
  const existing = findNodeAtLocation(tree, [...path])
  if (existing)
    return edit(existing.offset, endOf(existing), written(value, text, indentAt(text, existing)))
  const home = path.slice(0, -1)
  const name = String(path.at(-1))
  const parent = findNodeAtLocation(tree, home)
  if (!parent && home.length > 0) return setting(document, home, { [name]: value })
  return parent?.type === 'object' ? insertion(text, parent, { name, value }) : undefined
}

/** Behind the last property, on a line of its own where the others have one. */
function insertion(
  text: string,
  parent: Node,
  { name, value }: { name: string; value: unknown },
): TextEdit {
  const last = parent.children?.at(-1)
  const isOnOneLine =
    !text.includes('\n') || (last && !text.slice(parent.offset, last.offset).includes('\n'))
  if (isOnOneLine) {
    const property = `${JSON.stringify(name)}: ${JSON.stringify(value)}`
    return last
      ? edit(endOf(last), endOf(last), `, ${property}`)
      : edit(parent.offset + 1, endOf(parent) - 1, property)
  }
  const outer = indentAt(text, parent)
  const indent = last ? indentAt(text, last) : outer + unitOf(outer)
  const line = `${lineEndOf(text)}${indent}${JSON.stringify(name)}: ${written(value, text, indent)}`
  return last
    ? edit(endOf(last), endOf(last), `,${line}`)
    : edit(parent.offset + 1, endOf(parent) - 1, `${line}${lineEndOf(text)}${outer}`)
}

/** A value as JSON, over several lines where the document has several. */
function written(value: unknown, text: string, indent: string): string {
  if (!text.includes('\n')) return JSON.stringify(value)
  return JSON.stringify(value, null, unitOf(indent)).replaceAll('\n', lineEndOf(text) + indent)
}

/** The white space that the line of a node begins with. */
function indentAt(text: string, { offset }: Node): string {
  const start = text.lastIndexOf('\n', offset) + 1
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? ''
}

function unitOf(indent: string): string {
  return indent.includes('\t') ? '\t' : '  '
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

/** What is taken out and what is put in at the same place become one edit. */
function joinNeighbours(edits: readonly TextEdit[]): TextEdit[] {
  const joined: TextEdit[] = []
  for (const next of [...edits].sort((one, other) => one.offset - other.offset)) {
    const last = joined.at(-1)
    if (last && last.offset + last.length === next.offset)
      joined.splice(-1, 1, {
        offset: last.offset,
        length: last.length + next.length,
        text: last.text + next.text,
      })
    else joined.push(next)
  }
  return joined
}

function edit(start: number, end: number, text: string): TextEdit {
  return { offset: start, length: end - start, text }
}

function endOf({ offset, length }: Node): number {
  return offset + length
}
