import { $, svg } from './elements.js'

const LIT_MS = 1500
const BOX = { width: 172, height: 46, rx: 8 }

/** Where each part stands in the picture, and how large it is. The names are the ones that steps carry. */
const WIDE = {
  viewBox: '0 0 1000 200',
  nodes: {
    platform: [100, 85],
    manifest: [100, 170],
    'messaging-sdk': [310, 85],
    pipeline: [510, 85],
    worker: [510, 170],
    'files-local': [710, 30],
    'files-remote': [900, 30],
    'segments-uploader': [710, 100],
    'extension-hooks': [710, 170],
  },
}
const NARROW = {
  viewBox: '0 0 400 380',
  nodes: {
    platform: [100, 30],
    manifest: [300, 30],
    'messaging-sdk': [100, 110],
    pipeline: [100, 190],
    worker: [100, 270],
    'files-local': [300, 110],
    'files-remote': [300, 190],
    'segments-uploader': [300, 270],
    'extension-hooks': [300, 350],
  },
}

const EDGES = [
  ['platform', 'messaging-sdk'],
  ['messaging-sdk', 'pipeline'],
  ['pipeline', 'worker'],
  ['pipeline', 'files-local'],
  ['files-local', 'files-remote'],
  ['pipeline', 'segments-uploader'],
  ['pipeline', 'extension-hooks'],
]

/** Draws the picture for the width of the page, and again when that changes. */
export function drawFlow() {
  const isNarrow = matchMedia('(max-width: 44rem)')
  const draw = () => {
    const { viewBox, nodes } = isNarrow.matches ? NARROW : WIDE
    $('flow').setAttribute('viewBox', viewBox)
    for (const old of $('flow').querySelectorAll('path, g')) old.remove()
    for (const [from, to] of EDGES) $('flow').append(edge(nodes[from], nodes[to]))
    for (const [name, place] of Object.entries(nodes)) $('flow').append(node(name, place))
  }
  isNarrow.addEventListener('change', draw)
  draw()
}

/** Lights a part up for a moment, in the colour of what happened there. */
export function light(who, mark) {
  const lit = document.querySelector(`#flow [data-node="${CSS.escape(who)}"]`)
  if (!lit) return
  lit.dataset.mark = mark
  clearTimeout(lit.timer)
  lit.timer = setTimeout(() => delete lit.dataset.mark, LIT_MS)
}

/** From the right side of one to the left side of the other, or straight down. */
function edge([x1, y1], [x2, y2]) {
  if (x1 === x2) return svg('path', { d: `M${x1} ${y1} V${y2}` })
  const [from, to] = [x1 + BOX.width / 2, x2 - BOX.width / 2]
  const middle = (from + to) / 2
  return svg('path', { d: `M${from} ${y1} C${middle} ${y1} ${middle} ${y2} ${to} ${y2}` })
}

function node(name, [x, y]) {
  const group = svg('g', { 'data-node': name })
  const label = svg('text', { x, y: y + 5 })
  label.textContent = name
  const box = svg('rect', { x: x - BOX.width / 2, y: y - BOX.height / 2, ...BOX })
  group.append(box, label)
  return group
}
