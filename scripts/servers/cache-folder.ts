import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where fetched servers are kept between runs: `MORTISE_CACHE`, or `~/.cache/mortise`. */
export function cacheFolder(): string {
  return process.env.MORTISE_CACHE ?? join(homedir() || tmpdir(), '.cache', 'mortise')
}
