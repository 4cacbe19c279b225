import type { Fetch } from '../http/redirects.ts'

/** Everything a command touches besides its arguments. */
export interface CliWorld {
  write: (text: string) => void
  writeError: (text: string) => void
  /** `-` is the standard input. */
  readFile: (path: string) => Promise<string>
  writeFile: (path: string, text: string) => Promise<void>
  importModule: (path: string) => Promise<unknown>
  isColorful: boolean
  fetch?: Fetch
}

/** What the process answers: done, something was found, used wrongly. */
export const EXIT = { ok: 0, found: 1, usage: 2 } as const

/** The arguments make no sense: said on the error output, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Reads a file that the user named. */
export async function readNamed(world: CliWorld, path: string): Promise<string> {
  try {
    return await world.readFile(path)
  } catch (error) {
    const code = (error as { code?: unknown }).code
    throw new UsageError(`Cannot read ${path}${typeof code === 'string' ? ` (${code})` : ''}.`)
  }
}
