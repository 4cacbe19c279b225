/** One box of a picture. */
export interface Box {
  title: string
  words: string
  /** It stands outside of Mortise. */
  isOutside?: true
}

/** A way from one box to another; a dashed one leads back. */
export interface Way {
  from: string
  to: string
  back?: boolean
}

/** Where boxes stand: their centres, in the picture of this width and height. */
export interface Layout {
  width: number
  height: number
  places: Readonly<Record<string, readonly [x: number, y: number]>>
}

/** What is drawn once for wide pages and once for phones, so that letters keep their size. */
export interface Drawing {
  /** What the picture says, for those who do not see it. */
  label: string
  boxes: Readonly<Record<string, Box>>
  ways: readonly Way[]
  layouts: Readonly<Record<'wide' | 'narrow', Layout>>
}

const WIDTH = 152
const HEIGHT = 52
/** Between a way and the one that leads back beside it. */
const APART = 12

/** Both forms as HTML; the theme shows the one that fits. Colours come from the theme. */
export function drawBoxes(drawing: Drawing): string {
  const { wide, narrow } = drawing.layouts
  return `<div class="boxes">${draw(drawing, 'wide', wide)}${draw(drawing, 'narrow', narrow)}</div>\n`
}

function draw({ label, boxes, ways }: Drawing, form: string, layout: Layout): string {
  const { width, height, places } = layout
  // Pages show more than one picture, and a marker is found by its name in the whole page.
  const tip = `tip-${form}-${Object.keys(boxes).join('-')}`
  const lines = ways.map((way) => line(way, layout, tip))
  const shapes = Object.entries(boxes).map(([name, box]) => shape(box, at(places, name)))
  return (
    `<svg class="${form}" role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}">` +
    `<marker id="${tip}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">` +
    `<path class="tip" d="M0 0 L8 4 L0 8 z"/></marker>${lines.join('')}${shapes.join('')}</svg>`
  )
}

function shape({ title, words, isOutside }: Box, [x, y]: readonly [number, number]): string {
  const at = `x="${x - WIDTH / 2}" y="${y - HEIGHT / 2}" width="${WIDTH}" height="${HEIGHT}" rx="9"`
  return (
    `<rect ${at}${isOutside ? ' class="outside"' : ''}/>` +
    `<text x="${x}" y="${y - 3}" class="title">${title}</text>` +
    `<text x="${x}" y="${y + 15}">${words}</text>`
  )
}

/** Straight where two boxes stand in line, else a curve from side to side. What leads back does so from below. */
function line({ from, to, back }: Way, { places }: Layout, tip: string): string {
  const [[x1, y1], [x2, y2]] = [at(places, from), at(places, to)]
  const d = x1 === x2 ? upright(x1, y1, y2) : sideways(x1, y1, x2, y2, back)
  return `<path d="${d}" marker-end="url(#${tip})"${back ? ' class="back"' : ''}/>`
}

function at(places: Layout['places'], name: string): readonly [number, number] {
  const place = places[name]
  if (!place) throw new TypeError(`The box ${name} has no place`)
  return place
}

function upright(x: number, y1: number, y2: number): string {
  const way = Math.sign(y2 - y1)
  return `M${x} ${y1 + (way * HEIGHT) / 2} V${y2 - (way * HEIGHT) / 2}`
}

function sideways(x1: number, y1: number, x2: number, y2: number, back = false): string {
  const way = Math.sign(x2 - x1)
  if (back) {
    const [low, into] = [y1 + HEIGHT / 2, y2 + HEIGHT / 2]
    return y1 === y2
      ? `M${x1} ${low} C${x1} ${low + 34} ${x2} ${low + 34} ${x2} ${into}`
      : `M${x1 + (way * WIDTH) / 2} ${y1 + APART} C${x2} ${y1 + APART} ${x2} ${y1} ${x2} ${into}`
  }
  const [begin, end] = [x1 + (way * WIDTH) / 2, x2 - (way * WIDTH) / 2]
  const middle = (begin + end) / 2
  return `M${begin} ${y1} C${middle} ${y1} ${middle} ${y2} ${end} ${y2}`
}
