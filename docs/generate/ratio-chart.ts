import { isMet, type Ratio } from '../../scripts/bench/ratios.ts'

/** Where a bar ends that is exactly at its goal, as a share of the chart. */
const GOAL_AT = 0.625
/** A median further from its goal than this is drawn at the edge. */
const MOST = 1 / GOAL_AT
/** The shortest bar that can still be seen. */
const LEAST = 0.005

/**
 * Bars of how much of its goal each measure takes: left of the line is within it. Every figure stands in the table
 * below as well. No blank line inside, or Markdown would take the rest for text.
 */
export function ratioChart(ratios: Readonly<Record<string, Ratio>>): string {
  const rows = Object.entries(ratios).map(([name, ratio]) => {
    const share = ratio.better === 'lower' ? ratio.median / ratio.goal : ratio.goal / ratio.median
    const width = percent(Math.max(LEAST, Math.min(share, MOST) * GOAL_AT))
    const result = isMet(ratio) ? 'met' : 'missed'
    return `<span>${escaped(name)}</span><i class="${result}" style="width:${width}"></i>`
  })
  return (
    '<div class="ratios" role="img" aria-label="Medians against their goals; the table has the figures">' +
    `<b style="left:${percent(GOAL_AT)}"></b>${rows.join('')}</div>`
  )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

function escaped(text: string): string {
  return text.replace(/[&<>"{}]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
