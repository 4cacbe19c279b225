import { isMet, type Ratio } from './figures.ts'

const WIDTH = 640
const ROW = 34
const BAR = 10
/** Where a bar ends that is exactly at its goal. */
const GOAL_AT = 400
/** A median further from its goal than this is drawn at the edge. */
const MOST = WIDTH / GOAL_AT

/**
 * Bars of how much of its goal each measure takes: left of the line is within it. Colours come from the
 * theme, and every figure stands in the table below as well.
 */
export function ratioChart(ratios: Readonly<Record<string, Ratio>>): string {
  const entries = Object.entries(ratios)
  const height = entries.length * ROW + 8
  const rows = entries.map(([name, ratio], index) => {
    const share = ratio.better === 'lower' ? ratio.median / ratio.goal : ratio.goal / ratio.median
    const width = Math.max(2, Math.min(share, MOST) * GOAL_AT)
    const colour = isMet(ratio) ? 'var(--vp-c-brand-1)' : 'var(--vp-c-danger-1)'
    const y = index * ROW + 14
    return (
      `<text x="0" y="${y}" font-size="12" fill="var(--vp-c-text-2)">${escaped(name)}</text>` +
      `<rect x="0" y="${y + 5}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${colour}"/>`
    )
  })
  const line = `<line x1="${GOAL_AT}" x2="${GOAL_AT}" y1="0" y2="${height}" stroke="var(--vp-c-divider)" stroke-dasharray="4 3"/>`
  return (
    `<svg role="img" aria-label="Medians against their goals; the table has the figures" ` +
    `viewBox="0 0 ${WIDTH} ${height}" width="100%">${line}${rows.join('')}</svg>`
  )
}

function escaped(text: string): string {
  return text.replace(/[&<>"{}]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
