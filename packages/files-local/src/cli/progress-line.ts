import type { DownloadProgress } from '../progress.ts'

const BAR_WIDTH = 20
/** As much of a name as tells one file from another, before the figures are cut. */
const MIN_NAME_WIDTH = 8
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** One line that says how far a download is, at most `columns` wide. */
export function progressLine(name: string, progress: DownloadProgress, columns: number): string {
  const { bytes, totalBytes, bytesPerSecond, remainingMs, attempt } = progress
  const share = totalBytes ? Math.min(bytes / totalBytes, 1) : undefined
  const parts = [
    share === undefined ? undefined : bar(share),
    share === undefined ? size(bytes) : `${size(bytes)} of ${size(totalBytes ?? 0)}`,
    `${size(bytesPerSecond)}/s`,
    remainingMs === undefined ? undefined : `${duration(remainingMs)} left`,
    attempt > 1 ? `attempt ${attempt}` : undefined,
  ]
  const figures = parts.filter((part) => part !== undefined).join('  ')
  const room = Math.max(columns - figures.length - 2, MIN_NAME_WIDTH)
  const shown = name.length > room ? `${name.slice(0, room - 1)}…` : name
  return `${shown}  ${figures}`.slice(0, columns)
}

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.floor(share * 100)
    .toString()
    .padStart(3)}%`
}

/** Bytes for people: `1.5 MiB`. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  const value = bytes / 1024 ** power
  return `${value.toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const [hours = 0, minutes = 0, rest = 0] = parts
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`
}
