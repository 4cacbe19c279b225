import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FSWatcher, watch } from 'node:fs'
import { registerHooks } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CliIo } from './cli-io.ts'

/** What is started, and the first file to look at. */
export interface Restartable {
  readonly entry: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** How long it has to end when told to, in milliseconds; an endless loop hears nothing. Default 6,000. */
  readonly stopMs?: number
}

/** Set for the program that is started, and for no other that happens to have a channel to its parent. */
const WATCHED = 'MORTISE_HOOKS_WATCHED'
/** Editors write a file in several steps; this long after the first of them it is whole, in milliseconds. */
const SETTLE_MS = 100
/** A server closes within five seconds. */
const STOP_MS = 6_000

/**
 * Runs a program of Node.js again whenever a file that it loaded changes, until the signal fires. A first start that
 * fails ends it with the same exit code; a later one waits for the next change. Directories are watched and not
 * files: many editors put a new file in the place of the old one, and `node --watch` loses sight of it then.
 */
export async function restartOnChange(
  { entry, args, env, stopMs = STOP_MS }: Restartable,
  io: CliIo,
): Promise<number> {
  const files = new Set([resolve(entry)])
  const directories = new Map<string, FSWatcher>()
  let changed: (() => void) | undefined
  const look = (directory: string) => {
    if (directories.has(directory)) return
    const watcher = watch(directory, (_event, name) => {
      if (name !== null && files.has(resolve(directory, name))) changed?.()
    })
    // A directory that goes away has nothing left to look at.
    directories.set(
      directory,
      watcher.on('error', () => undefined),
    )
  }
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [...process.execArgv, ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...env, [WATCHED]: 'yes' },
    })
    return child.on('message', (file) => {
      files.add(String(file))
      look(dirname(String(file)))
    })
  }
  const stop = new Promise<undefined>((end) => {
    io.signal.addEventListener('abort', () => end(undefined), { once: true })
    if (io.signal.aborted) end(undefined)
  })
  look(dirname(resolve(entry)))
  try {
    for (let starts = 1; !io.signal.aborted; starts++) {
      const change = new Promise<undefined>((end) => {
        changed = () => end(undefined)
      })
      const child = start()
      const exit = once(child, 'exit')
      const failed = exit.then(([code]: (number | null)[]) => (starts === 1 ? (code ?? 1) : change))
      const code = await Promise.race([failed, change, stop])
      if (code !== undefined) return code
      child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), stopMs)
      await exit
      clearTimeout(deadline)
      await new Promise((end) => setTimeout(end, io.signal.aborted ? 0 : SETTLE_MS))
      if (!io.signal.aborted) io.write('changed, starting again\n')
    }
    return 0
  } finally {
    for (const watcher of directories.values()) watcher.close()
  }
}

/** In the program that is started: tells which files it loads. Packages that are installed do not change. */
export function tellLoadedFiles({ env }: CliIo): void {
  if (env[WATCHED] === undefined) return
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context)
      if (resolved.url.startsWith('file:') && !resolved.url.includes('/node_modules/'))
        process.send?.(fileURLToPath(resolved.url))
      return resolved
    },
  })
}
