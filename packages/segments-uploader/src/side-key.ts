/** After so many a person has to look. */
export const MAX_SIDE_FILES = 9

/** The file to go on in when the one before cannot be read: `2026-11-21_segments.side-1.json`; 0 is the file itself. */
export function sideKey(key: string, side: number): string {
  if (side === 0) return key
  const name = key.slice(key.lastIndexOf('/') + 1)
  const dot = name.indexOf('.')
  const cut = dot === -1 ? key.length : key.length - name.length + dot
  return `${key.slice(0, cut)}.side-${side}${key.slice(cut)}`
}
