const SVG = 'http://www.w3.org/2000/svg'

/** How a step went, as a sign; the words beside it say the same. */
const MARKS = { done: '✓', refused: '✗', waits: '◷', note: '·' }

export const $ = (id) => document.getElementById(id)

/** An element with text: markup in it stays text. */
export function element(tag, attributes = {}, text = '') {
  const made = document.createElement(tag)
  set(made, attributes)
  made.textContent = text
  return made
}

export function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag)
  set(made, attributes)
  return made
}

/** Puts items into a list, and leaves it alone when they are the same; the focus stays in any case. */
export function fill(list, items, make, empty) {
  const shown = JSON.stringify(items)
  if (list.dataset.shown === shown) return
  list.dataset.shown = shown
  const focused = list.contains(document.activeElement) && selectorOf(document.activeElement)
  list.replaceChildren(...items.map(make))
  if (focused) list.querySelector(focused)?.focus({ preventScroll: true })
  if (items.length === 0) list.append(element('li', { class: 'quiet' }, empty))
}

/** Finds an element's successor in a list made anew: by what it stands for. */
function selectorOf(element) {
  const name = element.getAttributeNames().find((known) => known.startsWith('data-'))
  return name && `[${name}="${CSS.escape(element.getAttribute(name))}"]`
}

/** A line of a list: a sign for the eye, whose it is, and the words. */
export function row(mark, who, words, ...more) {
  const item = element('li', mark ? { 'data-mark': mark } : {})
  const parts = [element('b', {}, who), element('span', {}, words), ...more]
  if (mark) parts.unshift(element('i', { 'aria-hidden': 'true' }, MARKS[mark]))
  item.append(...parts.flatMap((part) => [part, ' ']))
  return item
}

function set(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
}
