import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Diagnostic, DocumentPath, Finding, TextEdit } from './diagnostic.ts'
import { countKeys, measureDepth, scanText } from './json-scan.ts'
import { createLocator } from './source-location.ts'

/** Far above any real `app.json`, and parsed in milliseconds. */
export const MAX_CHARACTERS = 1_000_000

/** The grammar itself is 6 deep; request bodies may nest further. */
export const MAX_DEPTH = 64

/** A text, the JSON value in it, and the way back from the value to the text. */
export interface JsonSource {
  text: string
  /** `undefined` when nothing could be read. */
  value: unknown
  /** What is wrong with the text itself: syntax, comments, repeated keys, size. */
  findings: Finding[]
  locate: (finding: Finding) => Diagnostic
}

/** Reads JSON; comments and trailing commas are findings, and reading goes on after them. */
export function readJsonSource(original: string): JsonSource {
  const hasMark = original.startsWith('\uFEFF')
  const text = hasMark ? ` ${original.slice(1)}` : original // the same places, and JSON
  const source: JsonSource = { text, value: undefined, findings: [], locate: createLocator(text) }
  if (hasMark) source.findings.push(byteOrderMark())
  const scan = text.length > MAX_CHARACTERS ? undefined : scanText(text)
  if (!scan) {
    source.findings.push(
      textFinding('MANIFEST_TOO_LARGE', 0, 1, {
        message: `The document has more than ${MAX_CHARACTERS} characters.`,
        hint: 'Is this the right file?',
      }),
    )
  } else if (scan.depth > MAX_DEPTH || !readPlainJson(source, scan.keys)) {
    readTolerantly(source)
  }
  return source
}

/** Nobody reads more, and every one takes memory. */
const MAX_DIAGNOSTICS = 1000

const UNSOUND: ReadonlySet<string> = new Set(['MANIFEST_JSON_INVALID', 'MANIFEST_KEY_DUPLICATE'])

/** Diagnostics in the order of the text; beyond {@link MAX_DIAGNOSTICS} one says that there are more. */
export function locateFindings(source: JsonSource, findings: readonly Finding[]): Diagnostic[] {
  const shown = findings.slice(0, MAX_DIAGNOSTICS)
  if (findings.length > shown.length) {
    const message = `There are ${findings.length - shown.length} more findings.`
    const hint = 'Correct some of those above first.'
    shown.push(textFinding('MANIFEST_TOO_MANY_FINDINGS', source.text.length, 0, { message, hint }))
  }
  // A change to the document has no sure place in a text that is broken or says a thing twice.
  const isSound = !source.findings.some(({ code }) => UNSOUND.has(code))
  const fixable = isSound ? shown : shown.map(({ fix: _, ...finding }) => finding)
  return fixable.map(source.locate).sort((one, other) => one.offset - other.offset)
}

/** The quick way: valid JSON in which no key is repeated. */
function readPlainJson(source: JsonSource, keysInText: number): boolean {
  try {
    const value: unknown = JSON.parse(source.text)
    if (countKeys(value) !== keysInText) return false
    source.value = value
    return true
  } catch {
    return false
  }
}

function readTolerantly(source: JsonSource): void {
  const text = source.text
  const { depth, deepest } = measureDepth(text)
  if (depth > MAX_DEPTH) {
    source.findings.push(tooDeep(deepest))
    return
  }
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  for (const error of errors) source.findings.push(syntaxFinding(text, error))
  if (!tree) {
    if (errors.length === 0)
      source.findings.push(
        textFinding('MANIFEST_JSON_INVALID', 0, 1, {
          message: 'The document is empty.',
          hint: 'Write a JSON object.',
        }),
      )
    return
  }
  source.value = toValue(tree, source.findings)
}

/** Like JSON.parse: the last of several equal keys wins; `__proto__` is a key like any other. */
function toValue(node: Node, findings: Finding[], path: DocumentPath = []): unknown {
  if (node.type === 'array')
    return (node.children ?? []).map((child, index) => toValue(child, findings, [...path, index]))
  if (node.type !== 'object') return node.value
  const object: Record<string, unknown> = {}
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? []
    if (typeof key?.value !== 'string') continue
    const keyPath = [...path, key.value]
    if (Object.hasOwn(object, key.value)) findings.push(duplicateFinding(keyPath, key))
    Object.defineProperty(object, key.value, {
      value: value ? toValue(value, findings, keyPath) : undefined,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return object
}

function byteOrderMark(): Finding {
  return textFinding('MANIFEST_BYTE_ORDER_MARK', 0, 1, {
    message: 'The document begins with a byte order mark, which JSON does not allow.',
    hint: 'Remove it.',
    edits: [{ offset: 0, length: 1, text: '' }],
  })
}

function tooDeep(offset: number): Finding {
  return textFinding('MANIFEST_TOO_DEEP', offset, 1, {
    message: `The document nests deeper than ${MAX_DEPTH} levels.`,
    hint: 'Flatten it.',
  })
}

function duplicateFinding(path: DocumentPath, key: Node): Finding {
  return {
    ...textFinding('MANIFEST_KEY_DUPLICATE', key.offset, key.length, {
      message: `The key ${JSON.stringify(String(key.value).slice(0, 60))} stands twice in the same object.`,
      hint: 'Keep one; readers disagree on which one counts.',
    }),
    path,
  }
}

function syntaxFinding(text: string, error: ParseError): Finding {
  const what = printParseErrorCode(error.error)
  if (what === 'InvalidCommentToken') {
    return textFinding('MANIFEST_COMMENT_PRESENT', error.offset, error.length, {
      message: 'The document holds a comment, which JSON does not allow.',
      hint: 'Remove it.',
      edits: [{ offset: error.offset, length: error.length, text: '' }],
    })
  }
  const comma = trailingComma(text, error.offset)
  if (comma !== undefined && /ValueExpected|PropertyNameExpected/.test(what)) {
    return textFinding('MANIFEST_TRAILING_COMMA', comma, 1, {
      message: 'A comma stands before a closing bracket, which JSON does not allow.',
      hint: 'Remove it.',
      edits: [{ offset: comma, length: 1, text: '' }],
    })
  }
  const words = what.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return textFinding('MANIFEST_JSON_INVALID', error.offset, error.length, {
    message: `The document is not valid JSON: ${words}.`,
    hint: 'Correct the syntax here.',
  })
}

function trailingComma(text: string, offset: number): number | undefined {
  if (text[offset] !== '}' && text[offset] !== ']') return undefined
  let index = offset - 1
  while (index >= 0 && /\s/.test(text[index] ?? '')) index--
  return text[index] === ',' ? index : undefined
}

function textFinding(
  code: Finding['code'],
  offset: number,
  length: number,
  words: { message: string; hint: string; edits?: TextEdit[] },
): Finding & { edits?: TextEdit[] } {
  const { message, hint, edits } = words
  return {
    code,
    severity: 'error',
    path: [],
    message,
    hint,
    range: { offset, length },
    ...(edits && { edits }),
  }
}
