import type { Measured } from './figures.ts'

/** What one soak printed: numbers, texts and lists by name. */
export interface SoakFigures {
  name: string
  report: Record<string, unknown>
  measured: Measured | undefined
}

interface Writing {
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string
  cell: (text: string) => string
}

/** What soaks promise to be zero, under the names that they use. */
const MUST_BE_ZERO: Readonly<Record<string, string>> = {
  neverAcknowledged: 'never acknowledged',
  wrongLost: 'acknowledged and lost',
  lost: 'acknowledged and lost',
  doubled: 'handled twice',
  wrongOrder: 'conversations out of order',
  orderBroken: 'conversations out of order',
  badReads: 'reads that were not whole',
  repliesTwice: 'replies sent twice',
  repliesMissing: 'replies missing',
}

/** What is worth to stand first, in this order. */
const FIRST = ['webhooks', 'acknowledged', 'handled', 'redelivered', 'kills']

/** A chart and a table: what was done, what must be zero, then everything else that the soak told. */
export function soakTable({ name, report }: SoakFigures, { table, cell }: Writing): string {
  const entries = flat(report)
  const rank = ([key]: [string, string]) => {
    const at = FIRST.indexOf(key)
    if (at >= 0) return at
    return key in MUST_BE_ZERO ? FIRST.length : FIRST.length + 1
  }
  const rows = entries
    .toSorted((a, b) => rank(a) - rank(b))
    .map(([key, value]) => {
      const promise = MUST_BE_ZERO[key]
      if (promise === undefined) return [cell(words(key)), cell(value), '']
      return [promise, cell(value), value === '0' ? 'as promised' : '**must be 0**']
    })
  return `### ${name}\n\n${soakChart(report)}${table(['', 'result', ''], rows)}`
}

/** Members of members as `faults cut after`; a list by its words if it has some, else by its length. */
function flat(report: Record<string, unknown>, prefix = ''): [name: string, value: string][] {
  return Object.entries(report).flatMap(([key, value]): [string, string][] => {
    const name = prefix + key
    if (Array.isArray(value)) return [[name, listed(key, value)]]
    if (typeof value === 'object' && value !== null)
      return flat(value as Record<string, unknown>, `${name} `)
    return [[name, typeof value === 'number' ? rounded(value).toLocaleString('en') : String(value)]]
  })
}

/** Lists of what went wrong hold ids, which nobody wants to read. */
function listed(key: string, list: readonly unknown[]): string {
  return key === 'kills' ? list.join(', ') : String(list.length)
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

/** `neverAcknowledged` → `never acknowledged`. */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, (_pair, a: string, b: string) => `${a} ${b.toLowerCase()}`)
}

/** Shares of the chart: lengths are shares, so that letters keep their size on a phone. */
const BARS_FROM = 30
const LONGEST_BAR = 52

/** Two bars, as long as each other when nothing is lost. Reports that do not tell both have none. */
function soakChart({ acknowledged, handled, lost }: Record<string, unknown>): string {
  if (typeof acknowledged !== 'number' || acknowledged === 0) return ''
  const done = typeof handled === 'number' ? handled : acknowledged - Number(lost ?? Number.NaN)
  if (!Number.isFinite(done)) return ''
  const isWhole = done >= acknowledged
  const rows = [
    ['acknowledged', acknowledged, 'var(--vp-c-text-3)'],
    ['handled', done, isWhole ? 'var(--vp-c-brand-1)' : 'var(--vp-c-danger-1)'],
  ] as const
  const most = Math.max(acknowledged, done)
  const bars = rows.map(([label, count, colour], index) => {
    const y = index * 26
    const width = (LONGEST_BAR * count) / most
    const text = `fill="var(--vp-c-text-1)" font-size="13"`
    return (
      `<text x="0" y="${y + 17}" ${text}>${label}</text>` +
      `<rect x="${BARS_FROM}%" y="${y + 5}" width="${width.toFixed(1)}%" height="16" rx="2" fill="${colour}"/>` +
      `<text x="${(BARS_FROM + width + 2).toFixed(1)}%" y="${y + 17}" ${text}>${count.toLocaleString('en')}</text>`
    )
  })
  const label = `${acknowledged} acknowledged, ${done} handled`
  return `<svg role="img" aria-label="${label}" width="100%" height="56">${bars.join('')}</svg>\n\n`
}
