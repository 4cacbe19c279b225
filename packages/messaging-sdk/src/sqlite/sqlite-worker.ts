import { parentPort, workerData } from 'node:worker_threads'
import type { EngineAnswer, EngineRequest } from './engine-host.ts'
import { openSqliteEngine, type SqliteEngineOptions } from './sqlite-engine.ts'

// The thread that owns the file: one call after another, each answered.
const engine = openSqliteEngine(workerData as SqliteEngineOptions)

parentPort?.on('message', ({ id, name, args }: EngineRequest) => {
  parentPort?.postMessage(
    answer(id, () => (engine[name] as (...given: unknown[]) => unknown)(...args)),
  )
})

function answer(id: number, work: () => unknown): EngineAnswer {
  try {
    return { id, result: work() }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}
