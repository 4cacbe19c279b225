/** The name of a day's file, `YYYY-MM-DD` → `2026-11-21_segments.json`, as the plugin's users know it. */
export function segmentsFileName(day: string, extension = '.json'): string {
  return `${day}_segments${extension}`
}
