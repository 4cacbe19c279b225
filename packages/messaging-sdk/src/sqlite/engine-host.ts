import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { SqliteEngine, SqliteEngineOptions } from './sqlite-engine.ts'

/** Runs an engine's functions, here or in a thread. A rejection is the database's own error. */
export interface EngineHost {
  call: <Name extends keyof SqliteEngine>(
    name: Name,
    ...args: Parameters<SqliteEngine[Name]>
  ) => Promise<ReturnType<SqliteEngine[Name]>>
  close: () => Promise<void>
}

/** One call on its way to the thread. */
export interface EngineRequest {
  id: number
  name: keyof SqliteEngine
  args: readonly unknown[]
}

/** Its answer. */
export type EngineAnswer = { id: number } & ({ result: unknown } | { error: string })

/** The engine in place, for a database in memory. */
export function hostInline(engine: SqliteEngine): EngineHost {
  let open = true
  const host: EngineHost = {
    call: async (name, ...args) => {
      if (!open) throw new Error('The database is closed')
      return (engine[name] as (...given: unknown[]) => never)(...args)
    },
    close: async () => {
      if (open) engine.close()
      open = false
    },
  }
  return host
}

/**
 * The engine in a thread of its own. The thread keeps the process alive only while it is asked something; one
 * that died is replaced when the next question comes.
 */
export function hostInThread(options: SqliteEngineOptions): EngineHost {
  let thread: EngineThread | undefined
  let isClosed = false
  const call: EngineHost['call'] = (name, ...args) => {
    if (isClosed) return Promise.reject(new Error('The database is closed'))
    if (!thread?.isAlive()) thread = startThread(options)
    return thread.ask(name, args) as Promise<never>
  }
  return {
    call,
    close: async () => {
      isClosed = true
      if (thread?.isAlive()) await thread.ask('close', []).catch(() => {})
      await thread?.terminate()
    },
  }
}

interface EngineThread {
  ask: (name: keyof SqliteEngine, args: readonly unknown[]) => Promise<unknown>
  isAlive: () => boolean
  terminate: () => Promise<unknown>
}

function startThread(options: SqliteEngineOptions): EngineThread {
  const waiting = new Map<number, PromiseSettler>()
  // What the process was started with is not for the thread, except how modules are found.
  const execArgv = process.execArgv.filter((argument) => argument.startsWith('--conditions='))
  const worker = new Worker(threadFile(), { workerData: options, execArgv })
  worker.unref()
  let nextId = 0
  let ended: Error | undefined

  worker.on('message', (answer: EngineAnswer) => {
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (waiting.size === 0) worker.unref()
    if ('error' in answer) call?.reject(new Error(answer.error))
    else call?.resolve(answer.result)
  })
  const end = (error: Error) => {
    ended ??= error
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  worker.on('error', end)
  worker.on('exit', () => end(new Error('The database thread ended')))

  return {
    isAlive: () => ended === undefined,
    terminate: () => worker.terminate(),
    ask: (name, args) =>
      new Promise((resolve, reject) => {
        const id = nextId++
        waiting.set(id, { resolve, reject })
        worker.ref()
        worker.postMessage({ id, name, args } satisfies EngineRequest)
      }),
  }
}

interface PromiseSettler {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

/** Beside this file: as a source, in the built door, or in a chunk that several doors share. */
const CANDIDATES = ['./sqlite-worker.js', './sqlite/sqlite-worker.js', './sqlite-worker.ts']

function threadFile(): URL {
  const found = CANDIDATES.map((path) => new URL(path, import.meta.url)).find((url) =>
    existsSync(url),
  )
  if (found) return found
  throw new TypeError(
    'sqlite-worker.js is not beside the SQLite transport: leave @mortise/messaging-sdk out of your bundle',
  )
}
