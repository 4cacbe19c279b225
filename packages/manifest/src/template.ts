import { PermanentError } from '@mortise/errors'

// A template is text with `{name}` placeholders, `{base64(…)}` around a part of it, and `{{` `}}` for
// literal braces. Braces that hold anything else stand for themselves.

type Part = string | { name: string } | { base64: readonly Part[] }

const NAME = /\{([A-Za-z_][A-Za-z0-9_]*)\}/y
const BASE64 = '{base64('

/** The names that a template asks for, each once, in order. */
export function templateNames(template: string): string[] {
  if (!template.includes('{')) return []
  const names = new Set<string>()
  collect(parse(template).parts, names)
  return [...names]
}

/** The names in every text of a tree; a template that cannot be read has none. */
export function namesInTree(value: unknown): string[] {
  if (typeof value === 'string') {
    try {
      return templateNames(value)
    } catch {
      return []
    }
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(namesInTree)
}

/** Fills a template; `value` answers the text of a name. */
export function renderTemplate(template: string, value: (name: string) => string): string {
  if (!template.includes('{') && !template.includes('}')) return template
  return render(parse(template).parts, value)
}

function collect(parts: readonly Part[], names: Set<string>): void {
  for (const part of parts) {
    if (typeof part === 'string') continue
    if ('name' in part) names.add(part.name)
    else collect(part.base64, names)
  }
}

function render(parts: readonly Part[], value: (name: string) => string): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part
      return 'name' in part ? value(part.name) : encodeBase64(render(part.base64, value))
    })
    .join('')
}

function parse(template: string, start = 0, closing = ''): { parts: Part[]; end: number } {
  const parts: Part[] = []
  let text = ''
  let index = start
  while (index < template.length) {
    if (closing && template.startsWith(closing, index)) break
    NAME.lastIndex = index
    if (template.startsWith('{{', index) || template.startsWith('}}', index)) {
      text += template[index]
      index += 2
    } else if (!closing && template.startsWith(BASE64, index)) {
      const inner = parse(template, index + BASE64.length, ')}')
      if (!template.startsWith(')}', inner.end))
        throw new PermanentError('A template opens {base64( without closing it with )}.', {
          code: 'MANIFEST_TEMPLATE_INVALID',
        })
      parts.push(text, { base64: inner.parts })
      text = ''
      index = inner.end + 2
    } else {
      const match = NAME.exec(template)
      if (match?.[1]) {
        parts.push(text, { name: match[1] })
        text = ''
        index = NAME.lastIndex
      } else text += template[index++]
    }
  }
  if (text !== '') parts.push(text)
  return { parts: parts.filter((part) => part !== ''), end: index }
}

/** Base64 of the UTF-8 bytes. */
export function encodeBase64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}
