import { isMet, type Ratio } from './figures.ts'

const ROW = 38
const BAR = 12
/** Where a bar ends that is exactly at its goal, as a share of the chart. */
const GOAL_AT = 0.625
/** A median further from its goal than this is drawn at the edge. */
const MOST = 1 / GOAL_AT

/**
 * Bars of how much of its goal each measure takes: left of the line is within it. Colours come from the
 * theme, and every figure stands in the table below as well.
 */
export function ratioChart(ratios: Readonly<Record<string, Ratio>>): string {
  const entries = Object.entries(ratios)
  const height = entries.length * ROW + 8
  const rows = entries.map(([name, ratio], index) => {
    const share = ratio.better === 'lower' ? ratio.median / ratio.goal : ratio.goal / ratio.median
    const width = percent(Math.max(0.005, Math.min(share, MOST) * GOAL_AT))
    const colour = isMet(ratio) ? 'var(--vp-c-brand-1)' : 'var(--vp-c-danger-1)'
    const y = index * ROW + 14
    return (
      `<text x="0" y="${y}" font-size="12.5" fill="var(--vp-c-text-2)">${escaped(name)}</text>` +
      `<rect x="0" y="${y + 6}" width="${width}" height="${BAR}" rx="2" fill="${colour}"/>`
    )
  })
  const goal = percent(GOAL_AT)
  const line = `<line x1="${goal}" x2="${goal}" y1="0" y2="${height}" stroke="var(--vp-c-text-3)" stroke-dasharray="4 3"/>`
  return (
    `<svg role="img" aria-label="Medians against their goals; the table has the figures" ` +
    `width="100%" height="${height}">${line}${rows.join('')}</svg>`
  )
}

/** Lengths are shares, so that letters keep their size on a phone. */
function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

function escaped(text: string): string {
  return text.replace(/[&<>"{}]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
